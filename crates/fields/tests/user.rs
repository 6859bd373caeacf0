//! Fields of accounts, one case per rule of what the peer does.

mod scene;

use scene::{Scene, Shown, process};
use vigie_events::build::EventBuilder;
use vigie_events::id;
use vigie_state::container::Container;
use vigie_state::user::User;
use vigie_state::{Bytes, Thread};

fn scene(uid: u32, gid: u32, loginuid: u32, container: &str) -> Scene {
    let thread = Thread { uid, gid, loginuid, container_id: Bytes::from(container), ..process(5, 0, "x") };
    let mut scene = Scene::of(5, [thread]);
    for (place, uid, name) in [("", 33, "www-data"), ("abc", 33, "nginx")] {
        let (name, home) = (Bytes::from(name), Bytes::from("/var/www"));
        let user = User { uid, gid: 33, name: name.clone(), home, shell: Bytes::from("/bin/false") };
        scene.host.accounts.add_user(Bytes::from(place), user);
        scene.host.accounts.add_group(Bytes::from(place), 33, name);
    }
    scene
}

#[test]
fn accounts_of_the_host_and_of_containers() {
    let on_host = scene(33, 33, 33, "");
    on_host.shows("user.uid", Shown::Uint(33));
    on_host.shows("user.name", "www-data");
    on_host.shows("user.homedir", "/var/www");
    on_host.shows("user.shell", "/bin/false");
    on_host.shows("user.loginuid", Shown::Int(33));
    on_host.shows("user.loginname", "www-data");
    on_host.shows("group.gid", Shown::Uint(33));
    on_host.shows("group.name", "www-data");
    let contained = scene(33, 33, 33, "abc");
    contained.shows("user.name", "nginx");
    contained.shows("group.name", "nginx");
    contained.shows("user.loginname", "nginx");
    scene(33, 33, 33, "other").shows("user.name", "<NA>");
}

#[test]
fn root_is_known_everywhere() {
    let root = scene(0, 0, 0, "other");
    root.shows("user.name", "root");
    root.shows("user.homedir", "/root");
    root.shows("user.shell", "<NA>");
    root.shows("user.loginname", "root");
    root.shows("user.loginuid", Shown::Int(0));
    root.shows("group.name", "root");
}

#[test]
fn unknown_accounts_are_values() {
    let unknown = scene(1000, 1000, u32::MAX, "");
    unknown.shows("user.name", "<NA>");
    unknown.shows("user.homedir", "<NA>");
    unknown.shows("user.shell", "<NA>");
    unknown.shows("user.loginuid", Shown::Int(-1));
    unknown.shows("user.loginname", "<NA>");
    unknown.shows("group.name", "<NA>");
    scene(1, 1, 1000, "").shows("user.loginname", "<NA>");
    let placeholder = Scene::of(5, [Thread::placeholder(5)]);
    placeholder.shows("user.uid", Shown::Uint(4_294_967_295));
    placeholder.shows("group.gid", Shown::Uint(4_294_967_295));
    placeholder.shows("user.name", "<NA>");
    Scene::of(5, []).lacks(&["user.uid", "user.name", "user.loginuid", "group.gid", "group.name"]);
}

#[test]
fn container_events_of_a_thread_show_the_containers_user() {
    let mut of_event = scene(33, 33, 33, "abc");
    of_event.event = EventBuilder::new(id::CONTAINER_JSON_E).tid(5).text(b"{}");
    of_event.shows("user.name", "nginx");
    let mut container = Container { id: Bytes::from("abc"), ..Container::default() };
    of_event.host.containers.insert(container.clone());
    of_event.shows("user.name", "nginx");
    container.user = Bytes::from("1001:1001");
    of_event.host.containers.insert(container);
    of_event.shows("user.name", "1001:1001");
    of_event.event = EventBuilder::new(id::CLOSE_X).tid(5);
    of_event.shows("user.name", "nginx");
}
