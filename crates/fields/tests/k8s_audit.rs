//! Fields of Kubernetes audit events, one case per rule of what the peer's plugin does.

mod scene;

use scene::{Scene, Shown, process};

/// An event with these members besides its id.
fn audit(members: &str) -> Scene {
    Scene::audit(&format!("{{\"auditID\":\"id-1\",{members}}}"))
}

/// One whose object has that specification.
fn pod(spec: &str) -> Scene {
    audit(&format!("\"requestObject\":{{\"spec\":{spec}}}"))
}

#[test]
fn plain_values() {
    let scene = audit(
        r#""stage":"ResponseComplete","verb":"create","requestURI":"/api/v1/pods?limit=5","userAgent":"kubectl/v1",
        "user":{"username":"alice","groups":["dev","system:authenticated"]},"impersonatedUser":{"username":"root"},
        "objectRef":{"name":"cm","namespace":"shop","resource":"configmaps","subresource":"status"},
        "responseObject":{"metadata":{"name":"made"}},"responseStatus":{"code":201,"reason":"Created"},
        "requestObject":{"data":{"b":"2","a":["x",1.50]},"roleRef":{"name":"admin"},
            "spec":{"type":"NodePort","hostIPC":true,"hostNetwork":false,"hostPID":true,
                "securityContext":{"runAsUser":1000,"runAsGroup":2000,"fsGroup":3000,"supplementalGroups":[1,2]}}}"#,
    );
    for (name, value) in [
        ("ka.auditid", "id-1"),
        ("ka.stage", "ResponseComplete"),
        ("ka.verb", "create"),
        ("ka.uri", "/api/v1/pods?limit=5"),
        ("ka.uri.param[limit]", "5"),
        ("ka.useragent", "kubectl/v1"),
        ("ka.user.name", "alice"),
        ("ka.impuser.name", "root"),
        ("ka.target.name", "cm"),
        ("ka.target.namespace", "shop"),
        ("ka.target.resource", "configmaps"),
        ("ka.target.subresource", "status"),
        ("ka.resp.name", "made"),
        ("ka.response.code", "201"),
        ("ka.response.reason", "Created"),
        ("ka.req.configmap.name", "cm"),
        ("ka.req.configmap.obj", r#"{"b":"2","a":["x",1.50]}"#),
        ("ka.req.binding.role", "admin"),
        ("ka.req.binding.subject.has_name[x]", "true"),
        ("ka.req.service.type", "NodePort"),
        ("ka.req.pod.host_ipc", "true"),
        ("ka.req.pod.host_network", "false"),
        ("ka.req.container.host_network", "false"),
        ("ka.req.pod.host_pid", "true"),
        ("ka.req.pod.run_as_user", "1000"),
        ("ka.req.pod.run_as_group", "2000"),
        ("ka.req.pod.fs_group", "3000"),
    ] {
        scene.shows(name, value);
    }
    scene.shows("ka.user.groups", ["dev", "system:authenticated"]);
    scene.shows("ka.req.pod.supplemental_groups", ["1", "2"]);
    scene.lacks(&["ka.uri.param[none]", "ka.target.pod.name", "ka.auth.decision", "ka.req.pod.containers.name"]);
}

#[test]
fn annotations() {
    let scene = audit(
        r#""annotations":{"authorization.k8s.io/decision":"allow","authorization.k8s.io/reason":"RBAC",
        "authentication.openshift.io/decision":"error","authentication.openshift.io/username":"bob",
        "validation.policy.admission.k8s.io/validation_failure":"[]","cluster_name":"east",
        "pod-security.kubernetes.io/audit-violations":"hostPort"}"#,
    );
    for (name, value) in [
        ("ka.auth.decision", "allow"),
        ("ka.auth.reason", "RBAC"),
        ("ka.auth.openshift.decision", "error"),
        ("ka.auth.openshift.username", "bob"),
        ("ka.validations.admission.policy.failure", "[]"),
        ("ka.security.pod.violations", "hostPort"),
        ("ka.cluster.name", "east"),
    ] {
        scene.shows(name, value);
    }
}

#[test]
fn only_audit_events_have_fields() {
    let fields = ["ka.verb", "ka.auditid", "ka.req.binding.subject.has_name[x]", "ka.req.pod.containers.image"];
    Scene::audit(r#"{"verb":"create"}"#).lacks(&fields);
    Scene::audit("").lacks(&fields);
    Scene::audit("{\"auditID\":").lacks(&fields);
    Scene::audit("[]").lacks(&fields);
    Scene::audit(&format!("{{\"auditID\":{}", "[".repeat(200_000))).lacks(&fields);
    Scene::audit(&format!("{{\"auditID\":\"{}\"}}", "x".repeat(5 << 20))).lacks(&fields);
    let mut syscall = Scene::of(5, [process(5, 0, "x")]);
    syscall.source = vigie_fields::EventSource::K8sAudit;
    syscall.lacks(&fields);
}

#[test]
fn each_event_is_read_anew() {
    let mut scene = audit(r#""verb":"get""#);
    scene.shows("ka.verb", "get");
    scene.event = audit(r#""verb":"list""#).event;
    scene.memory.next_event();
    scene.shows("ka.verb", "list");
}

#[test]
fn values_that_are_absent_or_of_another_type() {
    let scene = audit(r#""verb":null,"user":{"groups":"dev"},"objectRef":"x","requestObject":{"subjects":[]}"#);
    scene.lacks(&["ka.stage", "ka.user.name", "ka.user.groups", "ka.target.name", "ka.req.binding.subjects"]);
}

#[test]
fn a_pod_as_a_whole_is_a_target() {
    let of =
        |target: &str| audit(&format!(r#""objectRef":{target},"responseObject":{{"metadata":{{"name":"web-1"}}}}"#));
    of(r#"{"resource":"pods"}"#).shows("ka.target.pod.name", "web-1");
    of(r#"{"resource":"pods","subresource":""}"#).shows("ka.target.pod.name", "web-1");
    of(r#"{"resource":"pods","subresource":"exec"}"#).lacks(&["ka.target.pod.name"]);
    of(r#"{"resource":"services"}"#).lacks(&["ka.target.pod.name"]);
}

#[test]
fn subjects_of_bindings() {
    let scene = audit(
        r#""requestObject":{"subjects":[{"kind":"User", "name":"alice"},{"kind":"Group","name":"dev"},
        {"kind":"ServiceAccount","name":"bot","namespace":"ci"},{"kind":"ServiceAccount","name":"lost"}]}"#,
    );
    scene.shows(
        "ka.req.binding.subjects",
        [
            r#"{"kind":"User","name":"alice"}"#,
            r#"{"kind":"Group","name":"dev"}"#,
            r#"{"kind":"ServiceAccount","name":"bot","namespace":"ci"}"#,
            r#"{"kind":"ServiceAccount","name":"lost"}"#,
        ],
    );
    scene.shows("ka.req.binding.subjects.user_names", ["alice"]);
    scene.shows("ka.req.binding.subjects.group_names", ["dev"]);
    scene.shows("ka.req.binding.subjects.serviceaccount_names", ["bot", "lost"]);
    scene.shows("ka.req.binding.subjects.serviceaccount_ns_names", ["ci:bot"]);
    audit(r#""requestObject":{"subjects":[{"kind":"Group","name":"dev"}]}"#)
        .lacks(&["ka.req.binding.subjects.user_names", "ka.req.binding.subjects.serviceaccount_ns_names"]);
}

#[test]
fn rules_of_roles() {
    let scene = audit(
        r#""requestObject":{"rules":[{"verbs":["get","list"],"resources":["pods"]},
        {"apiGroups":["","apps"],"verbs":["*"],"nonResourceURLs":["/healthz"],"sourceIPs":["1.2.3.4"]}]},
        "sourceIPs":["10.0.0.1"]"#,
    );
    scene.shows(
        "ka.req.role.rules",
        [
            r#"{"verbs":["get","list"],"resources":["pods"]}"#,
            r#"{"apiGroups":["","apps"],"verbs":["*"],"nonResourceURLs":["/healthz"],"sourceIPs":["1.2.3.4"]}"#,
        ],
    );
    scene.shows("ka.req.role.rules.verbs", ["get", "list", "*"]);
    scene.shows("ka.req.role.rules.verbs[1]", ["*"]);
    scene.shows("ka.req.role.rules.resources", ["pods"]);
    scene.shows("ka.req.role.rules.apiGroups", ["", "apps"]);
    scene.shows("ka.req.role.rules.nonResourceURLs", ["/healthz"]);
    scene.shows("ka.sourceips", ["1.2.3.4"]);
    scene.lacks(&["ka.req.role.rules.verbs[2]", "ka.req.role.rules.resources[1]"]);
    audit(r#""sourceIPs":["10.0.0.1"]"#).lacks(&["ka.sourceips", "ka.req.role.rules", "ka.req.role.rules.verbs"]);
}

#[test]
fn ports_of_services_are_one_item() {
    let scene = pod(r#"{"ports":[{"port":80,"nodePort":30080},{"port":443}]}"#);
    let all = r#"[{"port":80,"nodePort":30080},{"port":443}]"#;
    scene.shows("ka.req.service.ports", [all]);
    scene.shows("ka.req.service.ports[1]", [all]);
    pod("{}").lacks(&["ka.req.service.ports"]);
}

const CONTAINERS: &str = r#"[
    {"name":"a","image":"reg.io:5000/web:1.2@sha256:ff","command":["sh","-c"],"args":[],
        "securityContext":{"privileged":false,"runAsUser":5,"capabilities":{"add":["NET_ADMIN","SYS_PTRACE"]}},
        "ports":[{"hostPort":80,"containerPort":8080},{"containerPort":9090},{"name":"x"}]},
    {"name":"b","image":"nginx@sha256:ff"},
    {"name":"c","image":"redis:7","command":["redis"],"args":["-v","x y"],"runAsUser":7,
        "securityContext":{"privileged":true,"allowPrivilegeEscalation":true,"readOnlyRootFilesystem":false,
            "runAsUser":6,"runAsGroup":8,"procMount":"Unmasked"}}]"#;

#[test]
fn each_container() {
    for list in ["containers", "initContainers", "ephemeralContainers"] {
        let scene = pod(&format!("{{\"{list}\":{CONTAINERS}}}"));
        let shows = |name: &str, values: Shown| scene.shows(&format!("ka.req.pod.{list}.{name}"), values);
        shows("name", ["a", "b", "c"].into());
        shows("image", ["reg.io:5000/web:1.2@sha256:ff", "nginx@sha256:ff", "redis:7"].into());
        shows("image[2]", ["redis:7"].into());
        shows("image.repository", ["reg.io", "nginx", "redis"].into());
        shows("command", ["sh -c", "redis"].into());
        shows("command[0]", ["sh -c"].into());
        shows("args", ["", "-v x y"].into());
        shows("privileged", ["false", "true"].into());
        shows("allow_privilege_escalation", ["true"].into());
        shows("read_only_fs", ["false"].into());
        shows("run_as_user", ["5", "6"].into());
        shows("run_as_user[2]", ["6"].into());
        shows("run_as_group", ["8"].into());
        shows("proc_mount", ["Unmasked"].into());
        shows("eff_run_as_user", ["0", "0", "7"].into());
        shows("eff_run_as_user[2]", Shown::Missing);
        shows("eff_run_as_group", ["0", "0", "0"].into());
        shows("add_capabilities", [r#"["NET_ADMIN","SYS_PTRACE"]"#].into());
        for beyond in ["name[3]", "privileged[1]", "command[1]", "args[1]", "add_capabilities[2]", "image[99]"] {
            shows(beyond, Shown::Missing);
        }
    }
    let scene = pod(&format!("{{\"containers\":{CONTAINERS}}}"));
    scene.shows("ka.req.pod.containers.host_port", ["80", "9090"]);
    scene.lacks(&["ka.req.pod.containers.host_port[1]", "ka.req.pod.initContainers.name"]);
}

#[test]
fn names_and_images_of_all_containers_or_none() {
    let scene = pod(r#"{"containers":[{"name":"a"},{"image":"x:1"}]}"#);
    scene.lacks(&[
        "ka.req.pod.containers.name",
        "ka.req.pod.containers.image",
        "ka.req.pod.containers.image.repository",
    ]);
    scene.shows("ka.req.pod.containers.name[0]", ["a"]);
    scene.shows("ka.req.pod.containers.image[1]", ["x:1"]);
}

#[test]
fn commands_are_strings() {
    pod(r#"{"containers":[{"command":["a"]},{"command":["b",1]}]}"#).lacks(&["ka.req.pod.containers.command"]);
    pod(r#"{"containers":[{"name":"a"}]}"#).lacks(&["ka.req.pod.containers.command", "ka.req.pod.containers.args"]);
}

#[test]
fn the_user_of_a_pod_is_looked_for_beside_its_containers() {
    let scene = pod(r#"{"runAsUser":9,"securityContext":{"runAsUser":10},"containers":[{"runAsUser":8},{}]}"#);
    scene.shows("ka.req.pod.containers.eff_run_as_user", ["8", "9"]);
}

#[test]
fn older_fields_of_containers() {
    let scene = pod(&format!("{{\"containers\":{CONTAINERS}}}"));
    scene.shows("ka.req.container.image", "reg.io:5000/web:1.2@sha256:ff");
    scene.shows("ka.req.container.image.repository", "reg.io");
    scene.shows("ka.req.container.privileged", "true");
    pod(r#"{"containers":[{"image":"a"}]}"#).shows("ka.req.container.privileged", "false");
    let fields = ["ka.req.container.privileged", "ka.req.container.image", "ka.req.container.image.repository"];
    pod(r#"{"containers":[]}"#).lacks(&fields);
    pod("{}").lacks(&fields);
}

#[test]
fn volumes() {
    let scene = pod(r#"{"volumes":[{"name":"a","hostPath":{"path":"/etc/x","type":""}},{"secret":{},"name":"b"},
        {"name":"c","flexVolume":{"driver":"v/d"},"odd":1},{"name":"d","hostPath":{"path":"/var"}}]}"#);
    scene.shows("ka.req.pod.volumes.hostpath", ["/etc/x", "/var"]);
    scene.shows("ka.req.pod.volumes.hostpath[3]", ["/var"]);
    scene.shows("ka.req.pod.volumes.flexvolume_driver", ["v/d"]);
    scene.shows("ka.req.pod.volumes.volume_type", ["hostPath", "secret", "flexVolume", "odd", "hostPath"]);
    scene.shows("ka.req.pod.volumes.volume_type[2]", ["flexVolume", "odd"]);
    for (path, found) in
        [("/var", "true"), ("/etc", "false"), ("/etc*", "true"), ("/et*x", "false"), ("*", "true"), ("/usr*", "false")]
    {
        scene.shows(&format!("ka.req.volume.hostpath[{path}]"), found);
    }
    scene.lacks(&["ka.req.pod.volumes.hostpath[1]", "ka.req.pod.volumes.hostpath[4]"]);
    pod(r#"{"volumes":[{"name":"b","secret":{}}]}"#).shows("ka.req.volume.hostpath[/etc]", "false");
    pod("{}").lacks(&["ka.req.volume.hostpath[/etc]", "ka.req.pod.volumes.hostpath", "ka.req.pod.volumes.volume_type"]);
}

#[test]
fn any_part_of_the_event() {
    let scene = audit(r#""stage":"ResponseComplete","a/b":{"c~d":[10,{"e":null,"f":true}]},"user":{"groups":["x"]}"#);
    for name in ["json.value", "jevt.value"] {
        scene.shows(&format!("{name}[/stage]"), "ResponseComplete");
        scene.shows(&format!("{name}[stage]"), "ResponseComplete");
        scene.shows(&format!("{name}[/user/groups]"), r#"["x"]"#);
        scene.shows(&format!("{name}[/user/groups/0]"), "x");
        scene.shows(&format!("{name}[/a~1b/c~0d/1/f]"), "true");
        scene.shows(&format!("{name}[/a~1b/c~0d/0]"), "10");
        scene.lacks(&[&format!("{name}[/none]"), &format!("{name}[/stage/x]"), &format!("{name}[/user/groups/1]")]);
    }
    let scene = Scene::audit(r#"{"auditID":"x","a":[1]}"#);
    scene.shows("jevt.obj", "{\n  \"auditID\": \"x\",\n  \"a\": [\n    1\n  ]\n}");
    scene.shows("json.rawtime", scene::NOW.to_string().as_str());
}

#[test]
fn what_is_nested_too_deep_hides_nothing_else() {
    let (open, close) = ("[".repeat(200), "]".repeat(200));
    let scene =
        audit(&format!("\"verb\":\"get\",\"requestObject\":{open}{close},\"verb\":\"list\",\"a/b\":{{\"~\":1}}"));
    scene.shows("ka.auditid", "id-1");
    scene.shows("ka.verb", "list");
    scene.shows("jevt.value[/a~1b/~0]", "1");
    scene.shows("jevt.value[/requestObject]", Shown::Missing);
}
