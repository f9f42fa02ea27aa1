// Distinguished names as Go prints them (crypto/x509/pkix, Name.String), for labels that blackbox_exporter has made people used
// to: the usual attributes in a fixed order, whatever the certificate's. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace exporter::metrics {

// `name`: RFC 2253, as OpenSSL writes it. "O=Lab,CN=a" is "CN=a,O=Lab"; "OU=b,OU=a" is "OU=a+OU=b". Attributes that Go prints as
// numbers stand at the end, as they are.
[[nodiscard]] std::string go_name(std::string_view name);

}  // namespace exporter::metrics
