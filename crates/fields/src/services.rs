//! Ports of well-known services, for literals such as `fd.sport = https`.

use std::collections::HashMap;
use std::io::Read;
use std::sync::LazyLock;

/// Read no further in a services database than this.
const MAX_BYTES: u64 = 4 << 20;

/// What is known without a services database.
const COMMON: &[(&str, u16)] = &[
    ("ftp-data", 20),
    ("ftp", 21),
    ("ssh", 22),
    ("telnet", 23),
    ("smtp", 25),
    ("domain", 53),
    ("bootps", 67),
    ("bootpc", 68),
    ("tftp", 69),
    ("http", 80),
    ("kerberos", 88),
    ("pop3", 110),
    ("sunrpc", 111),
    ("ntp", 123),
    ("netbios-ssn", 139),
    ("imap2", 143),
    ("snmp", 161),
    ("bgp", 179),
    ("ldap", 389),
    ("https", 443),
    ("microsoft-ds", 445),
    ("submission", 587),
    ("syslog", 514),
    ("ldaps", 636),
    ("domain-s", 853),
    ("rsync", 873),
    ("imaps", 993),
    ("pop3s", 995),
    ("socks", 1080),
    ("ms-sql-s", 1433),
    ("nfs", 2049),
    ("mysql", 3306),
    ("ms-wbt-server", 3389),
    ("postgresql", 5432),
    ("amqp", 5672),
    ("x11", 6000),
    ("redis", 6379),
    ("http-alt", 8080),
];

static SERVICES: LazyLock<HashMap<String, u16>> = LazyLock::new(|| {
    let mut bytes = Vec::new();
    if let Ok(file) = std::fs::File::open("/etc/services") {
        // What cannot be read is not known; the common ones are.
        let _ = file.take(MAX_BYTES).read_to_end(&mut bytes);
    }
    let mut services = read(&String::from_utf8_lossy(&bytes));
    for &(name, port) in COMMON {
        services.entry(name.to_owned()).or_insert(port);
    }
    services
});

/// The port of a service's name, of any protocol: of the machine's services database, else a common one.
pub fn port(name: &str) -> Option<u16> {
    SERVICES.get(name).copied()
}

/// Lines `name port/protocol alias…  # comment`; the first to name a service wins.
fn read(text: &str) -> HashMap<String, u16> {
    let mut services = HashMap::new();
    for line in text.lines() {
        let mut words = line.split('#').next().unwrap_or("").split_ascii_whitespace();
        let (Some(name), Some(number)) = (words.next(), words.next()) else { continue };
        let Some(port) = number.split_once('/').and_then(|(port, _)| port.parse().ok()) else { continue };
        for name in std::iter::once(name).chain(words) {
            services.entry(name.to_owned()).or_insert(port);
        }
    }
    services
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_services_database_has_names_aliases_and_comments() {
        let services = read("# x 1/tcp\nhttp\t80/tcp\twww # web\nhttp 8000/udp\nbad line\nodd 99999/tcp\n");
        assert_eq!(services.get("http"), Some(&80));
        assert_eq!(services.get("www"), Some(&80));
        assert_eq!(services.len(), 2);
        assert_eq!(port("https"), Some(443));
        assert_eq!(port("no such service"), None);
    }
}
