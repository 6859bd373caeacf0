//! Alerts whose container nobody has told of yet.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod scene;

use std::thread::sleep;
use std::time::Duration;

use scene::Step::{Event, Idle};
use scene::*;
use vigie_engine::waiting::MOST;
use vigie_engine::{Engine, Match, OwnedValue, Ruleset};
use vigie_events::EventBuilder;
use vigie_fields::{EventSource, FieldTable, table};
use vigie_filter::Catalog;
use vigie_filter::syntax::parse;

const LONG: Duration = Duration::from_secs(600);

/// As `falco_semantics` §1.9 has it.
const JSON: &str = r#"{"container":{"id":"3ad7b26ded6d","type":0,
    "full_id":"3ad7b26ded6d8e7b23da7d48fe889434573036c27ae5a74837233de441c3601e","name":"web","image":"nginx:1.27",
    "imageid":"ffffffff","imagerepo":"nginx","imagetag":"1.27","imagedigest":"sha256:aa","User":"root","ip":"172.17.0.2",
    "cni_json":"","privileged":true,"host_ipc":false,"host_network":false,"host_pid":true,"is_pod_sandbox":false,
    "pod_sandbox_id":"0123456789abcdef","created_time":1700000000,
    "labels":{"app":"shop","io.kubernetes.pod.name":"shop-1","io.kubernetes.pod.namespace":"prod","io.kubernetes.pod.uid":"u-1"},
    "pod_sandbox_labels":{"tier":"front"},
    "Mounts":[{"Source":"/srv","Destination":"/usr/share","Mode":"ro","RW":false,"Propagation":"rprivate"}]}}"#;

/// A file that the process in the container opens.
fn opened(name: &[u8]) -> EventBuilder {
    open(name).tid(NGINX)
}

fn texts(matches: &[Match]) -> Vec<(&str, &str)> {
    matches.iter().map(|found| (found.message.as_str(), found.missing.as_str())).collect()
}

/// A rule for each output, for files that are opened.
fn outputs(outputs: &[&str]) -> Ruleset {
    let mut set = Ruleset::new(EventSource::Syscall, Vec::new());
    for (index, output) in outputs.iter().enumerate() {
        set.add(&index.to_string(), &parse("evt.type = openat").unwrap(), output, &[], true).unwrap();
    }
    set
}

#[test]
fn an_alert_waits_for_its_container_and_nothing_else_does() {
    let rules = outputs(&["%fd.name in %container.name of %k8s.pod.name", "%fd.name in %container.id"]);
    let steps = [Event(opened(b"/a")), Event(open(b"/b")), Idle, Event(opened(b"/c"))];
    let mut engine = live(vec![rules], LONG, steps);
    let mut settings = engine.settings().clone();
    settings.first = false;
    engine.change(settings);
    // Ids are known at once; on the host there is nothing to wait for.
    let at_once = [("/a in 3ad7b26ded6d", ""), ("/b in host of <NA>", ""), ("/b in host", "")];
    assert_eq!(texts(&turn(&mut engine)), at_once);
    assert_eq!(engine.waiting().1, 1);
    engine.inbox().container(JSON.into(), false).unwrap();
    let told = turn(&mut engine);
    assert_eq!(texts(&told), [("/a in web of shop-1", ""), ("/c in web of shop-1", ""), ("/c in 3ad7b26ded6d", "")]);
    // The alert is of its own event; the container's was the third.
    assert_eq!(
        told.iter().map(|found| (found.num, found.time)).collect::<Vec<_>>(),
        [(1, START), (4, START), (4, START)]
    );
    assert_eq!(engine.waiting().1, 0);
    assert_eq!((engine.counters.events, engine.counters.containers_told), (4, 1));
}

/// Container events are tried by every rule for system calls, and recorded by none that came before.
#[test]
fn what_is_told_is_an_event() {
    let rules = printing("evt.type = container", "%evt.type %evt.is_async %container.name %container.image %proc.name");
    let mut engine = live(vec![rules], LONG, [Event(close(3)), Idle]);
    assert!(turn(&mut engine).is_empty());
    engine.inbox().container(JSON.into(), false).unwrap();
    assert_eq!(texts(&turn(&mut engine)), [("container true web nginx:1.27 <NA>", "")]);
    engine.inbox().container(b"{\"container\":".to_vec(), false).unwrap();
    assert_eq!(turn(&mut engine).len(), 1);
    assert_eq!((engine.counters.containers_told, engine.counters.containers_unread), (1, 1));
}

#[test]
fn nobody_knows_the_container() {
    let steps =
        [Event(opened(b"/a")), Idle, Event(opened(b"/b")), Idle, Event(opened(b"/c")), Idle, Event(opened(b"/d"))];
    let mut engine = live(vec![printing("evt.type = openat", "%fd.name %container.name")], LONG, steps);
    assert!(turn(&mut engine).is_empty());
    engine.inbox().nobody(WEB.as_bytes(), "docker has no such container").unwrap();
    // Those that come later need not wait.
    let why = "docker has no such container";
    assert_eq!(texts(&turn(&mut engine)), [("/a <NA>", why), ("/b <NA>", why)]);
    // What is told after all counts; whoever says then that nobody knows it is late.
    engine.inbox().container(JSON.into(), false).unwrap();
    engine.inbox().nobody(WEB.as_bytes(), "too late").unwrap();
    assert_eq!(texts(&turn(&mut engine)), [("/c web", "")]);
    engine.inbox().container(JSON.into(), true).unwrap();
    assert_eq!(texts(&turn(&mut engine)), [("/d <NA>", "the container is gone, and its metadata with it")]);
}

#[test]
fn time_is_up() {
    let steps = [Event(opened(b"/a")), Event(opened(b"/b")), Idle, Idle, Event(opened(b"/c")), Idle];
    let rules = printing("evt.type = openat", "%fd.name %container.image.repository");
    let mut engine = live(vec![rules], Duration::from_millis(1000), steps);
    assert!(turn(&mut engine).is_empty());
    assert!(turn(&mut engine).is_empty());
    sleep(Duration::from_millis(1001));
    let why = "no answer from the container runtime within 1000 ms";
    assert_eq!(texts(&turn(&mut engine)), [("/a <NA>", why), ("/b <NA>", why)]);
    let (counters, waiting) = engine.waiting();
    assert_eq!((counters.held, counters.late, counters.not_held, waiting), (3, 2, 0, 1));
    let mut left = Vec::new();
    engine.finish(&mut left);
    assert_eq!(texts(&left), [("/c <NA>", "the watch ended before the container runtime answered")]);
}

/// As many as there is room for wait; all others go out at once, and say so.
#[test]
fn too_many_wait() {
    let steps = (0..MOST + 2).map(|_| Event(opened(b"/a")));
    let mut engine = live(vec![printing("evt.type = openat", "%evt.num %container.name")], LONG, steps);
    let mut at_once = Vec::new();
    while engine.counters.events < MOST as u64 + 2 {
        at_once.extend(turn(&mut engine));
    }
    let why = "4096 alerts are already waiting for metadata of containers";
    assert_eq!(texts(&at_once), [("4097 <NA>", why), ("4098 <NA>", why)]);
    engine.inbox().container(JSON.into(), false).unwrap();
    let told = turn(&mut engine);
    assert_eq!(told.iter().map(|found| found.num).collect::<Vec<_>>(), (1..=4096).collect::<Vec<_>>());
    assert!(told.iter().all(|found| found.message.ends_with(" web") && found.missing.is_empty()));
}

/// Without waiting, alerts go out as they are.
#[test]
fn not_waiting() {
    let rules = || vec![printing("evt.type = openat", "%container.name")];
    let mut engine = live(rules(), Duration::ZERO, [Event(opened(b"/a"))]);
    assert_eq!(texts(&turn(&mut engine)), [("<NA>", "nothing is known of the container but its id")]);
    // A recording that ends lets go what waits.
    let mut recorded = scene::engine(rules(), true, section(&facts_with_container(), &[opened(b"/a")]));
    let mut settings = recorded.settings().clone();
    settings.wait = LONG;
    recorded.change(settings);
    let why = "the events ended before the container runtime answered";
    assert_eq!(texts(&all(&mut recorded)), [("<NA>", why)]);
}

/// What the inbox takes is bounded, whoever fills it.
#[test]
fn a_full_inbox() {
    let engine = Engine::new(vec![], vigie_engine::Settings::default());
    let inbox = engine.inbox();
    assert_eq!(inbox.container(vec![b' '; (1 << 20) + 1], false), Err(vigie_engine::Refused::TooLong));
    let taken = (0..100).take_while(|_| inbox.container(vec![b' '; 1 << 20], false).is_ok()).count();
    assert_eq!(taken, 15);
    assert_eq!(inbox.nobody(b"a", "b"), Ok(()));
    while inbox.take().is_some() {}
    let taken = (0..5000).take_while(|_| inbox.nobody(b"a", "b").is_ok()).count();
    assert_eq!(taken, 1024);
}

/// The match of one output, when the container was known before, and when it was told after.
fn both(output: &str, extra: &[(String, String)]) -> (Match, Match) {
    let rules = || {
        let mut set = Ruleset::new(EventSource::Syscall, vec!["where".to_owned()]);
        set.add("0", &parse("evt.type = openat").unwrap(), output, extra, true).unwrap();
        vec![set]
    };
    let sandbox =
        asynchronous(0, b"container", br#"{"container":{"id":"0123456789ab","cni_json":"{}","ip":"10.9.8.7"}}"#);
    let told = asynchronous(0, b"container", &[JSON.as_bytes(), b"\0"].concat());
    let one = |engine: &mut Engine| {
        let mut settings = engine.settings().clone();
        settings.fields.static_fields = vec![("where".to_owned(), "here".to_owned())];
        engine.change(settings);
        let mut matches = Vec::new();
        while matches.is_empty() {
            matches = turn(engine);
        }
        assert_eq!(matches.len(), 1, "{output}");
        matches.remove(0)
    };
    let before = [sandbox.clone(), told.clone(), opened(b"/etc/shadow")].map(Event);
    let after = [sandbox, close(9), opened(b"/etc/shadow"), close(3).tid(NGINX), told].map(Event);
    (one(&mut live(rules(), LONG, before)), one(&mut live(rules(), LONG, after)))
}

fn typed<'m>(found: &'m Match, name: &str) -> &'m OwnedValue {
    &found.fields.iter().find(|(known, _)| known == name).expect(name).1
}

/// The values themselves are those of the semantics' table; whether they come early or late makes no difference.
#[test]
fn values_told_late() {
    let extra = [
        ("digest".to_owned(), "%container.image.digest".to_owned()),
        ("container.privileged".to_owned(), "container.privileged".to_owned()),
        ("shout".to_owned(), "%toupper(container.name) %proc.name".to_owned()),
    ];
    let output = "%proc.cmdline|%container.image.repository:%container.image.tag|%container.mounts|%container.labels|\
                  %k8s.ns.name/%k8s.pod.name|%k8s.pod.label[tier]|%k8s.pod.ip|%container.start_ts|%4container.name|%fd.name";
    let (before, after) = both(output, &extra);
    assert_eq!(
        after.message,
        "nginx -g daemon off;|nginx:1.27|/srv:/usr/share:ro:false:rprivate|app:shop|prod/shop-1|front|10.9.8.7|\
         1699999940000000000|web |/etc/shadow"
    );
    assert_eq!(typed(&after, "digest"), &OwnedValue::Text("sha256:aa".to_owned()));
    assert_eq!(typed(&after, "container.privileged"), &OwnedValue::Bool(true));
    assert_eq!(typed(&after, "shout"), &OwnedValue::Text("WEB nginx".to_owned()));
    assert_eq!(before, after);
}

/// For every field there is, alone, in a transformer and as an extra field.
#[test]
fn every_field_is_as_it_would_have_been() {
    let catalog = FieldTable { source: EventSource::Syscall, static_fields: vec!["where".to_owned()] };
    let arguments = ["", "[0]", "[1]", "[/srv]", "[app]", "[tier]", ".where", ".fd", ".name", "[A]", ".src"];
    let mut tried = 0;
    for row in table::rows() {
        let name = if row.name.starts_with("static.") { "static" } else { row.name };
        for argument in arguments {
            let field = format!("{name}{argument}");
            let bound = match argument.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
                Some(inner) => catalog.field(name, Some(inner)),
                None => catalog.field(&field, None),
            };
            let Ok(bound) = bound else { continue };
            let mut output = format!("%{field} %container.name %12{field} %{field}");
            if !bound.no_transformer && !bound.print_only {
                output.push_str(&format!(" %concat(container.image, {field}) %toupper({field})"));
            }
            let extra = [("one".to_owned(), field.clone()), ("two".to_owned(), format!("%{field}{field}"))];
            let mut set = Ruleset::new(EventSource::Syscall, vec!["where".to_owned()]);
            let condition = parse("evt.type = openat").unwrap();
            let plain = format!("%{field} %container.name %12{field} %{field}");
            if set.add("0", &condition, &output, &extra, true).is_err() {
                if set.add("0", &condition, &plain, &extra, true).is_err() {
                    continue;
                }
                output = plain;
            }
            let (before, after) = both(&output, &extra);
            assert!(after.missing.is_empty() && after.message.contains(" web "), "{output}: {after:?}");
            assert_eq!(before, after, "{output}");
            tried += 1;
        }
    }
    assert!(tried > 200, "{tried}");
}
