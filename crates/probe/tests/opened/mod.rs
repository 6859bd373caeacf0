//! Open descriptors of all kinds.

use std::fs::{File, OpenOptions};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::os::unix::net::{SocketAddr, UnixDatagram, UnixListener, UnixStream};
use std::path::PathBuf;

use rustix::event::{EventfdFlags, epoll};
use rustix::fs::{MemfdFlags, OFlags, inotify};
use rustix::net::netlink::SocketAddrNetlink;
use rustix::net::{AddressFamily, SocketType, ipproto};
use rustix::process::{Pid, PidfdFlags};

pub struct Opened {
    folder: PathBuf,
    pub pair: (UnixStream, UnixStream),
    pub unix_client: UnixStream,
    others: Vec<OwnedFd>,
}

impl Opened {
    pub fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("vigie-first-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        folder
    }

    pub fn new() -> Opened {
        let folder = Opened::folder("descriptors");
        let path = |name: &str| folder.join(name);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let six = TcpListener::bind("[::1]:0").unwrap();
        let dual = TcpListener::bind("[::]:0").unwrap();
        let mapped = TcpStream::connect(("127.0.0.1", dual.local_addr().unwrap().port())).unwrap();
        let connected_udp = UdpSocket::bind("127.0.0.1:0").unwrap();
        connected_udp.connect("127.0.0.1:9").unwrap();
        let udp_six = UdpSocket::bind("[::1]:0").unwrap();
        udp_six.connect("[::1]:9").unwrap();
        let unix = UnixListener::bind(path("socket")).unwrap();
        let unix_client = UnixStream::connect(path("socket")).unwrap();
        let abstract_name = SocketAddr::from_abstract_name(format!("vigie-first-{}", std::process::id())).unwrap();
        let pipe = rustix::pipe::pipe().unwrap();
        rustix::fs::mknodat(
            rustix::fs::CWD,
            path("fifo"),
            rustix::fs::FileType::Fifo,
            rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR,
            0,
        )
        .unwrap();
        let deleted = File::create(path("deleted")).unwrap();
        std::fs::remove_file(path("deleted")).unwrap();
        let socket = |family, kind, protocol| rustix::net::socket(family, kind, protocol);
        let netlink = socket(AddressFamily::NETLINK, SocketType::RAW, None).unwrap();
        rustix::net::bind(&netlink, &SocketAddrNetlink::new(0, 0)).unwrap();
        let mut others: Vec<OwnedFd> = vec![
            OpenOptions::new().create(true).append(true).open(path("a file")).unwrap().into(),
            OpenOptions::new()
                .read(true)
                .write(true)
                .custom_flags(OFlags::SYNC.bits() as i32)
                .open(path("a file"))
                .unwrap()
                .into(),
            deleted.into(),
            File::open(&folder).unwrap().into(),
            File::open("/dev/null").unwrap().into(),
            File::open("/proc/self/status").unwrap().into(),
            OpenOptions::new().read(true).write(true).open(path("fifo")).unwrap().into(),
            rustix::fs::open("/etc", OFlags::PATH, rustix::fs::Mode::empty()).unwrap(),
            pipe.0,
            pipe.1,
            rustix::fs::memfd_create("a memfd", MemfdFlags::CLOEXEC).unwrap(),
            rustix::event::eventfd(0, EventfdFlags::empty()).unwrap(),
            epoll::create(epoll::CreateFlags::CLOEXEC).unwrap(),
            inotify::init(inotify::CreateFlags::empty()).unwrap(),
            rustix::process::pidfd_open(Pid::INIT, PidfdFlags::empty()).unwrap(),
            TcpStream::connect(listener.local_addr().unwrap()).unwrap().into(),
            listener.accept().unwrap().0.into(),
            listener.into(),
            TcpStream::connect(six.local_addr().unwrap()).unwrap().into(),
            six.accept().unwrap().0.into(),
            six.into(),
            dual.accept().unwrap().0.into(),
            dual.into(),
            mapped.into(),
            UdpSocket::bind("0.0.0.0:0").unwrap().into(),
            connected_udp.into(),
            udp_six.into(),
            // Bound to nothing.
            socket(AddressFamily::INET, SocketType::STREAM, None).unwrap(),
            socket(AddressFamily::INET, SocketType::DGRAM, None).unwrap(),
            netlink,
            unix.accept().unwrap().0.into(),
            unix.into(),
            UnixListener::bind_addr(&abstract_name).unwrap().into(),
            UnixDatagram::bind(path("datagrams")).unwrap().into(),
        ];
        // Only root may have these.
        others.extend(socket(AddressFamily::INET, SocketType::RAW, Some(ipproto::ICMP)));
        others.extend(socket(AddressFamily::PACKET, SocketType::DGRAM, None));
        Opened { folder, pair: UnixStream::pair().unwrap(), unix_client, others }
    }

    pub fn unix_path(&self) -> String {
        self.folder.join("socket").to_str().unwrap().to_owned()
    }

    /// Of all of them, the client of a unix socket included.
    pub fn numbers(&self) -> Vec<i32> {
        let mut numbers: Vec<i32> = self.others.iter().map(|fd| fd.as_raw_fd()).collect();
        numbers.extend([self.pair.0.as_raw_fd(), self.pair.1.as_raw_fd(), self.unix_client.as_raw_fd()]);
        numbers
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
