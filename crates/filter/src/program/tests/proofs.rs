//! What is proved of conditions.

use super::program;

#[test]
fn implications() {
    for (narrow, broad, expected) in [
        ("proc.name = a and proc.pid = 1", "proc.name = a", true),
        ("proc.name = a", "proc.name = a and proc.pid = 1", false),
        ("proc.name = a", "proc.name in (a, b)", true),
        ("proc.name in (a, b)", "proc.name = a", false),
        ("proc.name = a", "proc.name = a or proc.pid = 1", true),
        ("proc.name = a or proc.name = b", "proc.name in (a, b, c)", true),
        ("fd.name startswith /etc/ssh", "fd.name startswith /etc", true),
        ("fd.name startswith /etc", "fd.name startswith /etc/ssh", false),
        ("fd.name = /etc/passwd", "fd.name startswith /etc", true),
        ("proc.name = a", "proc.name exists", true),
        ("proc.name = a", "not proc.name = b", true),
        ("not proc.name in (a, b)", "not proc.name = a", true),
        ("not proc.name = a", "not proc.name in (a, b)", false),
        // Several values: one may differ while another is equal.
        ("proc.aname = a", "not proc.aname = b", false),
        ("proc.pid = 5", "proc.pid > 4", true),
        ("not proc.name = a", "proc.name != a", false),
    ] {
        let (program, ids) = program(&[narrow, broad]);
        assert_eq!(program.implies(ids[0], ids[1]), expected, "{narrow} implies {broad}");
    }
}

#[test]
fn contradictions() {
    for (condition, expected) in [
        ("proc.name = a and proc.name = b", true),
        ("proc.name in ()", true),
        ("proc.name = a and not proc.name in (a, b)", true),
        ("fd.name = /tmp/x and fd.name startswith /etc", true),
        ("fd.name startswith /tmp and fd.name startswith /etc", true),
        ("proc.pid = 1 and proc.pid > 5", true),
        ("proc.name = a and (proc.name = b or proc.name = c)", true),
        ("evt.num = 0 and proc.name = a", true),
        ("proc.name = a and not proc.name exists", true),
        ("proc.name = a and (proc.name = b or proc.pid = 1)", false),
        ("proc.aname = a and proc.aname = b", false),
        ("proc.name = a and proc.pname = b", false),
        ("fd.name startswith /tmp and fd.name startswith /tmp/x", false),
        ("not proc.name = a and not proc.name = b", false),
    ] {
        let (program, ids) = program(&[condition]);
        assert_eq!(program.contradiction(ids[0]).is_some(), expected, "{condition}");
    }
}
