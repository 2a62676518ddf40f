# The Debian package: what is installed where, and what CPack needs to know. scripts/package builds it.
set(packaging ${PROJECT_SOURCE_DIR}/scripts/packaging)
set(documents ${CMAKE_BINARY_DIR}/documents)

# What the program itself knows best is printed by it. Not part of `all`: only packages need it.
set(printed "")
foreach(kind man bash zsh fish settings)
  add_custom_command(OUTPUT ${documents}/${kind} COMMAND ${CMAKE_COMMAND} -E make_directory ${documents}
                     COMMAND thap print ${kind} > ${documents}/${kind} DEPENDS thap VERBATIM)
  list(APPEND printed ${documents}/${kind})
endforeach()
add_custom_command(OUTPUT ${documents}/thap.1.gz COMMAND gzip -9nc ${documents}/man > ${documents}/thap.1.gz
                   DEPENDS ${documents}/man VERBATIM)
add_custom_command(OUTPUT ${documents}/changelog.gz
                   COMMAND gzip -9nc ${packaging}/debian/changelog > ${documents}/changelog.gz
                   DEPENDS ${packaging}/debian/changelog VERBATIM)
add_custom_target(documents DEPENDS ${printed} ${documents}/thap.1.gz ${documents}/changelog.gz)

# Absolute, since a Debian package has only one place for each.
install(TARGETS thap RUNTIME DESTINATION /usr/bin)
install(CODE "execute_process(COMMAND ${CMAKE_STRIP} --remove-section=.comment --remove-section=.note
              \$ENV{DESTDIR}/usr/bin/thap COMMAND_ERROR_IS_FATAL ANY)")
install(FILES ${documents}/thap.1.gz DESTINATION /usr/share/man/man1)
install(FILES ${documents}/bash DESTINATION /usr/share/bash-completion/completions RENAME thap)
install(FILES ${documents}/zsh DESTINATION /usr/share/zsh/vendor-completions RENAME _thap)
install(FILES ${documents}/fish DESTINATION /usr/share/fish/vendor_completions.d RENAME thap.fish)
install(FILES ${documents}/settings DESTINATION /etc/thap RENAME thap.json)
install(FILES ${packaging}/debian/thap.default DESTINATION /etc/default RENAME thap)
install(FILES ${packaging}/thap.service DESTINATION /lib/systemd/system)
install(FILES ${PROJECT_SOURCE_DIR}/serve/dashboards/thap.json ${PROJECT_SOURCE_DIR}/serve/dashboards/thap-rules.yml
        DESTINATION /usr/share/thap/dashboards)
install(FILES ${documents}/changelog.gz ${packaging}/debian/copyright ${PROJECT_SOURCE_DIR}/docs/operations.md
        DESTINATION /usr/share/doc/thap)
install(FILES ${PROJECT_SOURCE_DIR}/scripts/hubot/thap.mjs DESTINATION /usr/share/doc/thap/examples/hubot)
install(FILES ${packaging}/debian/lintian-overrides DESTINATION /usr/share/lintian/overrides RENAME thap)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME thap)
set(CPACK_PACKAGE_VENDOR thap)
set(CPACK_PACKAGE_CONTACT "thap maintainers <thap@packages.invalid>")
set(CPACK_SET_DESTDIR ON)
set(CPACK_INSTALL_PREFIX /usr)
# The order of owners, times and names does not depend on who builds, or when.
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ
    WORLD_EXECUTE)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "init-system-helpers (>= 1.54)")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "prometheus, prometheus-alertmanager")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION "outages of services read from public posts
thap reads public posts in Hindi, Bengali, English and their romanised
mixtures from Kafka or from files, notices that a service is failing while
the first complaints come in, and says which service, since when, with which
symptoms, where, and because of whom; and again when it is over. It serves a
page, an API, feeds and a live stream, and sends its incidents to Kafka.")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${packaging}/debian/postinst ${packaging}/debian/prerm
    ${packaging}/debian/postrm ${packaging}/debian/conffiles)
include(CPack)
