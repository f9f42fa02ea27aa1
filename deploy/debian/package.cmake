# The Debian package, by CPack: `ninja -C build mtls_exporter && (cd build && cpack)` makes build/mtls-exporter_VERSION_ARCH.deb.
# Its files are a component of their own, relative to /: `cmake --install` alone installs the program only.
set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY ON)
set(package_folder ${CMAKE_CURRENT_BINARY_DIR}/package)
file(MAKE_DIRECTORY ${package_folder}/credentials)

# gzip -n: no time in it, so that the same tree gives the same bytes.
function(gzipped source name)
  execute_process(COMMAND gzip -9nc ${source} OUTPUT_FILE ${package_folder}/${name} COMMAND_ERROR_IS_FATAL ANY)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${source})
endfunction()
gzipped(${CMAKE_SOURCE_DIR}/deploy/man/mtls_exporter.1 mtls_exporter.1.gz)
gzipped(${CMAKE_SOURCE_DIR}/deploy/debian/changelog changelog.Debian.gz)
gzipped(${CMAKE_SOURCE_DIR}/CHANGELOG.md changelog.gz)

function(packaged destination)
  install(FILES ${ARGN} DESTINATION ${destination} COMPONENT debian EXCLUDE_FROM_ALL)
endfunction()
set(deploy ${CMAKE_SOURCE_DIR}/deploy)
file(GLOB prometheus_rules CONFIGURE_DEPENDS ${deploy}/prometheus/rules/*.yml)
install(TARGETS mtls_exporter RUNTIME DESTINATION usr/bin COMPONENT debian EXCLUDE_FROM_ALL)
packaged(lib/systemd/system ${deploy}/systemd/mtls_exporter.service ${deploy}/systemd/mtls_exporter.socket)
packaged(usr/share/mtls_exporter/systemd ${deploy}/systemd/socket.conf ${deploy}/systemd/root-only-paths.conf)
packaged(etc/mtls_exporter ${deploy}/debian/mtls_exporter.yml)
packaged(usr/share/bash-completion/completions ${deploy}/completion/mtls_exporter)
packaged(usr/share/zsh/vendor-completions ${deploy}/completion/_mtls_exporter)
packaged(usr/share/fish/vendor_completions.d ${deploy}/completion/mtls_exporter.fish)
packaged(usr/share/man/man1 ${package_folder}/mtls_exporter.1.gz)
packaged(usr/share/doc/mtls-exporter ${deploy}/debian/copyright ${package_folder}/changelog.Debian.gz ${package_folder}/changelog.gz)
packaged(usr/share/doc/mtls-exporter/examples ${CMAKE_SOURCE_DIR}/config/examples/full.yml ${CMAKE_SOURCE_DIR}/config/examples/minimal.yml)
packaged(usr/share/mtls_exporter/prometheus/rules ${prometheus_rules})
install(FILES ${deploy}/systemd/mtls_exporter.sysusers DESTINATION usr/lib/sysusers.d RENAME mtls_exporter.conf COMPONENT debian EXCLUDE_FROM_ALL)
install(FILES ${deploy}/debian/mtls_exporter.default DESTINATION etc/default RENAME mtls_exporter COMPONENT debian EXCLUDE_FROM_ALL)
install(FILES ${deploy}/debian/mtls-exporter.lintian-overrides DESTINATION usr/share/lintian/overrides RENAME mtls-exporter COMPONENT debian EXCLUDE_FROM_ALL)
install(DIRECTORY ${package_folder}/credentials DESTINATION etc/mtls_exporter COMPONENT debian EXCLUDE_FROM_ALL
  DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE)

set(CPACK_GENERATOR DEB)
set(CPACK_INSTALL_CMAKE_PROJECTS "${CMAKE_BINARY_DIR};mtls_exporter;debian;/")
set(CPACK_PACKAGING_INSTALL_PREFIX /)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGE_NAME mtls-exporter)
set(CPACK_PACKAGE_CONTACT "The mtls_exporter authors <mtls_exporter@example.net>")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "ca-certificates, systemd | systemd-standalone-sysusers")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION "Prometheus exporter that probes mutual TLS
Finds and watches certificates on servers, in the hands of clients, on disk
and in CA databases. It makes real handshakes with client identities, judges
chains, knocks at doors that ought to be closed, and publishes what it saw
for Prometheus.")
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
  ${deploy}/debian/conffiles ${deploy}/debian/postinst ${deploy}/debian/prerm ${deploy}/debian/postrm)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
include(CPack)
