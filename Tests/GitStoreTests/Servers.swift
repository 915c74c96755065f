import FoundationEssentials
import GitStore
import Glibc
import TestSupport

/// A socket on loopback that takes connections and never says a word.
final class Listener: Sendable {
  private let descriptor: Int32
  let port: Int

  init() throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let status = withUnsafeMutablePointer(to: &address) { [descriptor] pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        bind(descriptor, address, size) + listen(descriptor, 16) + getsockname(descriptor, address, &size)
      }
    }
    guard status == 0 else { throw ShellFailure(script: "listen", status: errno, output: "") }
    port = Int(UInt16(bigEndian: address.sin_port))
  }

  deinit { close(descriptor) }
}

/// Servers that were started in a scratch directory; they end with their owner, by the ids in their pid files.
final class Servers: Sendable {
  private let scratch: Scratch
  private let pidFiles: [String]

  init(_ scratch: Scratch, pidFiles: [String]) throws {
    self.scratch = scratch
    self.pidFiles = pidFiles
    for file in pidFiles { try scratch.sh("for i in $(seq 400); do [ -s \(file) ] && break; sleep 0.05; done; [ -s \(file) ]") }
  }

  deinit {
    for file in pidFiles {
      _ = try? scratch.sh("id=$(cat \(file)); kill $id; for i in $(seq 20); do kill -0 $id || exit 0; sleep 0.02; done; kill -KILL -$id")
    }
  }
}

/// nginx in front of `git http-backend`, plain and with TLS, with and without passwords, for protocol 2 and for those that never heard of it.
struct GitHTTPServer {
  let port: Int
  let securePort: Int
  private let servers: Servers

  static let isAvailable = isInstalled("nginx", "fcgiwrap", "openssl") && access("/usr/lib/git-core/git-http-backend", X_OK) == 0

  init(in scratch: Scratch) throws {
    (port, securePort) = (try FreePort.next(), try FreePort.next())
    try scratch.sh(
      """
      openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=test -addext subjectAltName=IP:127.0.0.1 \
        -keyout tls.key -out tls.pem 2>/dev/null
      openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=other -keyout other.key -out other.pem 2>/dev/null
      echo 'bot:{PLAIN}s3cret' > passwords; mkdir -p tmp
      git -C remote.git config http.receivepack true
      git config --file gitconfig http.receivepack true
      """)
    try scratch.write("nginx.conf", Self.configuration(scratch.path, port: port, securePort: securePort))
    try scratch.sh(
      """
      (setsid fcgiwrap -c 2 -s unix:$PWD/fcgi.sock >/dev/null 2>&1 & echo $! > fcgiwrap.pid)
      for i in $(seq 400); do [ -S fcgi.sock ] && break; sleep 0.05; done; chmod 777 fcgi.sock
      nginx -p $PWD -c $PWD/nginx.conf -e $PWD/nginx.log
      """)
    servers = try Servers(scratch, pidFiles: ["fcgiwrap.pid", "nginx.pid"])
  }

  private static func configuration(_ path: String, port: Int, securePort: Int) -> String {
    let backend = """
      include /etc/nginx/fastcgi_params;
      fastcgi_param SCRIPT_FILENAME /usr/lib/git-core/git-http-backend;
      fastcgi_param GIT_PROJECT_ROOT \(path);
      fastcgi_param GIT_HTTP_EXPORT_ALL "";
      fastcgi_param HOME \(path);
      fastcgi_param GIT_CONFIG_GLOBAL \(path)/gitconfig;
      fastcgi_param REMOTE_USER $remote_user;
      fastcgi_pass unix:\(path)/fcgi.sock;
      """
    func location(_ name: String, _ extra: String) -> String {
      "location ~ ^/\(name)(/.*)$ { fastcgi_param PATH_INFO $1; \(extra) \(backend) }\n"
    }
    let protocol2 = "fastcgi_param GIT_PROTOCOL $http_git_protocol;"
    let locations =
      location("open", protocol2) + location("old", "fastcgi_pass_request_headers off;")
      + location("closed", "auth_basic git; auth_basic_user_file \(path)/passwords; \(protocol2)")
      + "location /moved/ { return 301 http://user:pw@example.org/elsewhere; }\n"
      + "location /page/ { default_type text/html; return 200 '<html>hello</html>'; }\n"
      + "location /broken/ { default_type text/plain; return 503 'back soon'; }\n"
    return """
      \(geteuid() == 0 ? "user root;" : "")
      worker_processes 1; pid \(path)/nginx.pid; error_log \(path)/nginx.log;
      events {}
      http {
        access_log off; client_max_body_size 0; keepalive_timeout 30;
        client_body_temp_path \(path)/tmp/a; proxy_temp_path \(path)/tmp/b; fastcgi_temp_path \(path)/tmp/c;
        uwsgi_temp_path \(path)/tmp/d; scgi_temp_path \(path)/tmp/e;
        server { listen 127.0.0.1:\(port); \(locations) }
        server {
          listen 127.0.0.1:\(securePort) ssl; ssl_protocols TLSv1.3; ssl_certificate \(path)/tls.pem; ssl_certificate_key \(path)/tls.key;
          \(locations)
        }
      }
      """
  }
}
