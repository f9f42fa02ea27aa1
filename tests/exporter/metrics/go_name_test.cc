#include "exporter/metrics/go_name.h"

#include <gtest/gtest.h>

namespace exporter::metrics {
namespace {

TEST(GoName, HasAFixedOrder) {
  const struct {
    std::string_view openssl, go;
  } cases[] = {
      {"", ""},
      {"CN=a", "CN=a"},
      {"O=Lab,CN=a", "CN=a,O=Lab"},
      {"CN=a,O=Lab,C=DE", "CN=a,O=Lab,C=DE"},
      {"C=DE,ST=Berlin,L=Mitte,O=Lab,OU=b,CN=a", "CN=a,ST=Berlin,L=Mitte,OU=b,O=Lab,C=DE"},
      {"CN=a,OU=second,OU=first", "CN=a,OU=first+OU=second"},
      {"CN=last,CN=first", "CN=last"},
      {"O=Lab\\, Inc,CN=a\\+b", "CN=a\\+b,O=Lab\\, Inc"},
      {"CN=a\\\\,O=Lab", "CN=a\\\\,O=Lab"},
      {"emailAddress=x@y,CN=a", "CN=a,emailAddress=x@y"},
      {"serialNumber=7,CN=a,street=x,postalCode=y", "SERIALNUMBER=7,CN=a,POSTALCODE=y,STREET=x"},
      {"no attribute", "no attribute="},
      {"CN=a\\", "CN=a\\"},
  };
  for (const auto& [openssl, go] : cases) EXPECT_EQ(go_name(openssl), go) << openssl;
}

}  // namespace
}  // namespace exporter::metrics
