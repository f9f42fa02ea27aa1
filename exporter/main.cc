#include <cstdio>

#include "exporter/version.h"

int main() { std::printf("mtls_exporter %s\n", exporter::version().data()); }
