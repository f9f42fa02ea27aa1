// Serves "ok" over HTTPS, with rejectUnauthorized true and false: server.js CERT KEY CA WORLD REJECT_PORT ACCEPT_PORT
const fs = require('fs');
const https = require('https');

const [certificate, key, authority, world, rejectPort, acceptPort] = process.argv.slice(2);
const crl = ['root', 'clients', 'teams'].map((name) => fs.readFileSync(`${world}/${name}/ca.crl`));

for (const [rejectUnauthorized, port] of [[true, rejectPort], [false, acceptPort]]) {
  const options = {
    cert: fs.readFileSync(certificate), key: fs.readFileSync(key), ca: fs.readFileSync(authority),
    requestCert: true, rejectUnauthorized, minVersion: 'TLSv1.2',
  };
  // Only where verification errors are final: with rejectUnauthorized false a failed CRL or signature check stays in OpenSSL's
  // error queue, and Node (20.20) takes it for an error of the next read and hangs up.
  if (rejectUnauthorized) options.crl = crl;
  https.createServer(options, (request, response) => response.end('ok\n')).listen(Number(port), '127.0.0.1', 512);
}
