// Serves "ok" over HTTPS in several ClientAuth modes: server CERT KEY CA MODE=ADDRESS...
package main

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"net/http"
	"os"
	"strings"
)

var modes = map[string]tls.ClientAuthType{
	"NoClientCert":               tls.NoClientCert,
	"RequestClientCert":          tls.RequestClientCert,
	"RequireAnyClientCert":       tls.RequireAnyClientCert,
	"VerifyClientCertIfGiven":    tls.VerifyClientCertIfGiven,
	"RequireAndVerifyClientCert": tls.RequireAndVerifyClientCert,
}

func main() {
	pem, err := os.ReadFile(os.Args[3])
	if err != nil {
		log.Fatal(err)
	}
	authorities := x509.NewCertPool()
	authorities.AppendCertsFromPEM(pem)
	handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "ok\n") })
	failed := make(chan error)
	for _, argument := range os.Args[4:] {
		mode, address, _ := strings.Cut(argument, "=")
		server := &http.Server{Addr: address, Handler: handler, ErrorLog: log.New(io.Discard, "", 0), TLSConfig: &tls.Config{
			ClientAuth: modes[mode], ClientCAs: authorities, MinVersion: tls.VersionTLS12}}
		go func() { failed <- server.ListenAndServeTLS(os.Args[1], os.Args[2]) }()
	}
	log.Fatal(<-failed)
}
