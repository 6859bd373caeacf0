//! Events of older writers become events of the current schema. What becomes of which is taken from the peer's table of
//! conversions.

#![allow(clippy::unwrap_used)]

mod bytes;

use vigie_events::conversion::conversion;
use vigie_events::schema::{event_type, event_types, flag};

use bytes::{Delivery, Seen, event, old_event, read, section};

fn converted(events: &[Vec<u8>]) -> Delivery {
    let delivery = read([section(), events.concat()].concat());
    assert_eq!(delivery.error, None);
    delivery
}

fn of(tid: i64, id: u16, params: &[&[u8]]) -> Vec<u8> {
    event(1, tid, id, params, None, false)
}

/// Ids and parameters of what is delivered.
fn pairs(delivery: &Delivery) -> Vec<(u16, Vec<&[u8]>)> {
    delivery.events.iter().map(|event| (event.id, event.params.iter().map(Vec::as_slice).collect())).collect()
}

const RES: &[u8] = &[0; 8];
const FD: &[u8] = &[3, 0, 0, 0, 0, 0, 0, 0];
const OTHER_FD: &[u8] = &[4, 0, 0, 0, 0, 0, 0, 0];
const SIZE: &[u8] = &[0, 1, 0, 0];
const NONE: &[u8] = &[];

#[test]
fn an_enter_event_is_stored_and_its_parameters_appended_to_the_exit() {
    let delivery = converted(&[
        of(7, 6, &[FD, SIZE]),
        of(8, 6, &[OTHER_FD, SIZE]),
        of(7, 7, &[RES, b"data"]),
        of(8, 7, &[RES, b"other"]),
    ]);
    assert_eq!(pairs(&delivery), [(7, vec![RES, b"data", FD, SIZE]), (7, vec![RES, b"other", OTHER_FD, SIZE])]);
    assert_eq!(delivery.skipped, 2);
    assert_eq!((delivery.events[0].tid, delivery.events[0].ts, delivery.events[0].cpu), (7, 1, 3));
}

/// Without it: zeros of the parameter's size, or nothing where the table says so.
#[test]
fn an_exit_without_its_enter_event() {
    let zeros: (&[u8], &[u8]) = (&[0; 8], &[0; 4]);
    let delivery = converted(&[
        of(7, 7, &[RES, b"data"]),
        of(7, 6, &[FD, SIZE]),
        // The enter event of another call is none of this one's.
        of(7, 9, &[RES, b"data"]),
        of(7, 193, &[RES]),
        of(7, 7, &[RES, b"1"]),
        // An enter event is used once.
        of(7, 7, &[RES, b"2"]),
    ]);
    assert_eq!(
        pairs(&delivery),
        [
            (7, vec![RES, b"data", zeros.0, zeros.1]),
            (9, vec![RES, b"data", zeros.0, zeros.1]),
            (193, vec![RES, NONE, NONE, NONE]),
            (7, vec![RES, b"1", FD, SIZE]),
            (7, vec![RES, b"2", zeros.0, zeros.1]),
        ]
    );
}

#[test]
fn enter_events_end_with_their_thread_and_with_their_section() {
    let exit = of(7, 186, &[RES, RES, &[0], &[0], RES]);
    let delivery = converted(&[of(7, 6, &[FD, SIZE]), exit, of(7, 7, &[RES, b"data"])]);
    assert_eq!(delivery.events[1].params[2], [0; 8]);
    let delivery = converted(&[of(7, 6, &[FD, SIZE]), section(), of(7, 7, &[RES, b"data"])]);
    assert_eq!(delivery.events[0].params[2], [0; 8]);
}

#[test]
fn parameters_are_appended_empty_or_as_defaults() {
    let delivery = converted(&[
        of(7, 3, &[FD, b"/f\0", SIZE, SIZE]),
        of(7, 151, &[RES, FD, &[1]]),
        of(7, 35, &[RES, b"data", NONE]),
        of(7, 33, &[RES, b"data"]),
    ]);
    assert_eq!(
        pairs(&delivery),
        [
            // First the device, then the inode.
            (3, vec![FD, b"/f\0", SIZE, SIZE, NONE, NONE]),
            (151, vec![RES, FD, &[1], &[0; 8]]),
            (35, vec![RES, b"data", NONE, &[0; 8], &[0; 4]]),
            // The default of a kind without a size is nothing.
            (33, vec![RES, b"data", &[0; 8], &[0; 4], NONE]),
        ]
    );
}

#[test]
fn an_event_becomes_another() {
    let delivery = converted(&[
        of(7, 104, &[b"/old\0", b"/new\0"]),
        of(7, 105, &[RES]),
        of(7, 105, &[RES]),
        of(7, 27, &[FD, b"\x02tuple", &[5]]),
        of(7, 102, &[FD, b"name\0", SIZE, SIZE]),
        of(7, 103, &[OTHER_FD]),
        of(7, 16, &[]),
        of(7, 56, &[&[9, 0, 0, 0]]),
        of(7, 57, &[RES, RES, RES]),
    ]);
    let zero: &[u8] = &[0; 4];
    assert_eq!(
        pairs(&delivery)[..5],
        [
            (309, vec![RES, b"/old\0", b"/new\0"]),
            (309, vec![RES, NONE, NONE]),
            (247, vec![FD, b"\x02tuple", &[5], zero, zero]),
            (307, vec![OTHER_FD, FD, b"name\0", SIZE, SIZE, NONE, NONE]),
            (186, vec![NONE; 5]),
        ]
    );
    assert_eq!((delivery.events[5].id, &delivery.events[5].params[5][..]), (389, &[9, 0, 0, 0][..]));
}

#[test]
fn some_enter_events_pass() {
    let (name, flags, mode): (&[u8], &[u8], &[u8]) = (b"/f\0", &[1, 0, 0, 0], &[2, 0, 0, 0]);
    let delivery = converted(&[
        of(7, 2, &[name, flags, mode]),
        of(7, 2, &[]),
        of(7, 22, &[FD, b"\x01/socket\0"]),
        of(7, 23, &[RES, b"tuple"]),
    ]);
    assert_eq!(
        pairs(&delivery),
        [
            (2, vec![name, flags, mode]),
            (2, vec![NONE; 3]),
            (22, vec![FD, b"\x01/socket\0"]),
            // Stored as well: the exit has the descriptor from there.
            (23, vec![RES, b"tuple", FD, b"\x01/socket\0"]),
        ]
    );
    assert_eq!(delivery.skipped, 0);
}

fn numbered(count: u8) -> Vec<Vec<u8>> {
    (0..count).map(|index| vec![b'a' + index; 3]).collect()
}

fn slices(params: &[Vec<u8>]) -> Vec<&[u8]> {
    params.iter().map(Vec::as_slice).collect()
}

#[test]
fn the_oldest_process_events_go_a_long_way() {
    let params = numbered(11);
    let delivery = converted(&[
        old_event(0x204, 1, 7, 12, &[], 0),
        old_event(0x204, 2, 7, 13, &slices(&params[..8]), 0),
        old_event(0x204, 3, 7, 15, &slices(&params), 0),
    ]);
    let [enter, execve, clone] = &delivery.events[..] else { panic!("{:?}", delivery.events) };
    assert_eq!((enter.id, &enter.params[..]), (292, &[vec![]][..]));
    assert_eq!((execve.id, execve.params.len()), (293, 31));
    assert_eq!(execve.params[..8], params[..8]);
    assert!(execve.params[8..].iter().all(Vec::is_empty), "{execve:?}");
    assert_eq!((clone.id, clone.params.len()), (223, 21));
    assert_eq!(clone.params[..8], params[..8]);
    // flags, uid and gid are the 16th to 18th now; between them and the first eight nothing is known.
    assert_eq!(clone.params[15..18], params[8..11]);
    assert!(clone.params[8..15].iter().chain(&clone.params[18..]).all(Vec::is_empty));
}

/// The file name that entering said is the last parameter of leaving.
#[test]
fn execve_has_its_file_name_from_the_enter_event() {
    let params = numbered(30);
    let delivery = converted(&[of(7, 292, &[b"/bin/x\0"]), of(7, 293, &slices(&params))]);
    assert_eq!(delivery.events[0].id, 292);
    assert_eq!(delivery.events[1].params[30], b"/bin/x\0");
    assert_eq!(delivery.events[1].params[..30], params);
}

#[test]
fn the_oldest_container_event_becomes_json() {
    let container = |id: &[u8], name: &[u8]| of(-1, 228, &[id, &[6, 0, 0, 0], name, b"repo/image:1\0"]);
    let delivery = converted(&[container(b"0123456789ab\0", b"web\0"), container(b"\xff\0", b"a\"\\\n\xc3\xa9\0")]);
    assert_eq!(pairs(&delivery), [
        (324, vec![
            &b"{\"container\":{\"id\":\"0123456789ab\",\"type\":6,\"name\":\"web\",\"image\":\"repo/image:1\"}}\0"[..]
        ]),
        (324, vec![
            "{\"container\":{\"id\":\"\u{fffd}\",\"type\":6,\"name\":\"a\\\"\\\\\\u000a\u{e9}\",\"image\":\"repo/image:1\"}}\0"
                .as_bytes()
        ]),
    ]);
    let missing = converted(&[of(-1, 228, &[b"0123456789ab\0", NONE, b"web\0", b"image\0"])]);
    assert_eq!(pairs(&missing), [(324, vec![NONE])]);
    assert_eq!(pairs(&converted(&[of(-1, 272, &[b"{}\0"])])), [(324, vec![&b"{}\0"[..]])]);
}

#[test]
fn what_is_dropped() {
    let unused = event_types().iter().find(|one| one.has(flag::UNUSED) && one.is_exit()).unwrap().id;
    let delivery = converted(&[
        of(7, unused, &[]),
        // An old enter event that no rule is for.
        of(7, 14, &[]),
        // A number of parameters that no writer wrote.
        of(7, 7, &[RES]),
        of(7, 6, &[FD]),
        // A metadata event that nobody upgrades passes.
        of(7, 234, &[RES, RES]),
    ]);
    assert_eq!(delivery.events.iter().map(|event| event.id).collect::<Vec<_>>(), [234]);
    assert_eq!(delivery.skipped, 4);
}

/// An upgraded event is no larger than the peer's buffer.
#[test]
fn an_upgraded_event_has_a_largest_size() {
    let (half, rest) = (vec![1; 40_000], vec![2; 20_000]);
    let delivery = converted(&[of(7, 8, &[FD, SIZE]), of(7, 9, &[RES, &half]), of(7, 104, &[&half, &half])]);
    assert_eq!(delivery.events[0].params[1], half);
    assert_eq!(converted(&[of(7, 104, &[&half, &rest]), of(7, 105, &[RES])]).events[0].params, [RES, &half, &rest]);
    assert_eq!(converted(&[of(7, 104, &[&half, &half]), of(7, 105, &[RES])]).events[0].params, [RES, NONE, NONE]);
}

/// Whatever an older writer wrote ends as a current event with the current number of parameters.
#[test]
fn every_rule_ends_in_the_current_schema() {
    let mut rules = 0;
    for id in 0..vigie_events::schema::TYPES as u16 {
        for count in 0..=32 {
            if conversion(id, count).is_none() {
                continue;
            }
            rules += 1;
            let delivery = converted(&[of(7, id, &vec![RES; count])]);
            let Some(Seen { id: ends, params, .. }) = delivery.events.first() else {
                assert!(id % 2 == 0 || event_type(id).unwrap().has(flag::UNUSED), "{id} {count}");
                continue;
            };
            let ends = event_type(*ends).unwrap();
            assert_eq!(params.len(), ends.params.len(), "{id} {count}");
            // Of enter events all but those of metadata are old; some pass all the same.
            assert!(ends.is_current() || [2, 22, 58, 292, 306, 326, 330].contains(&ends.id), "{id} {count}");
        }
    }
    assert_eq!(rules, 253);
}
