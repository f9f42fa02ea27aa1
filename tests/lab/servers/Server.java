// Serves "ok" over HTTPS, needing and wanting a client certificate: Server.java KEYS.p12 CA.pem NEED_PORT WANT_PORT
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import java.io.FileInputStream;
import java.net.InetSocketAddress;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.concurrent.Executors;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManagerFactory;

public class Server {
  public static void main(String[] arguments) throws Exception {
    char[] passphrase = "lab-only".toCharArray();
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (var file = new FileInputStream(arguments[0])) { keys.load(file, passphrase); }
    var keyManagers = KeyManagerFactory.getInstance("PKIX");
    keyManagers.init(keys, passphrase);
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    try (var file = new FileInputStream(arguments[1])) {
      trusted.setCertificateEntry("root", CertificateFactory.getInstance("X.509").generateCertificate(file));
    }
    var trustManagers = TrustManagerFactory.getInstance("PKIX");
    trustManagers.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keyManagers.getKeyManagers(), trustManagers.getTrustManagers(), null);
    serve(context, Integer.parseInt(arguments[2]), true);
    serve(context, Integer.parseInt(arguments[3]), false);
  }

  static void serve(SSLContext context, int port, boolean need) throws Exception {
    HttpsServer server = HttpsServer.create(new InetSocketAddress("127.0.0.1", port), 512);
    server.setHttpsConfigurator(new HttpsConfigurator(context) {
      @Override public void configure(HttpsParameters parameters) {
        SSLParameters tls = context.getDefaultSSLParameters();
        tls.setProtocols(new String[] {"TLSv1.2", "TLSv1.3"});
        if (need) tls.setNeedClientAuth(true); else tls.setWantClientAuth(true);
        parameters.setSSLParameters(tls);
      }
    });
    server.setExecutor(Executors.newCachedThreadPool());
    server.createContext("/", exchange -> {
      exchange.sendResponseHeaders(200, 3);
      exchange.getResponseBody().write("ok\n".getBytes());
      exchange.close();
    });
    server.start();
  }
}
