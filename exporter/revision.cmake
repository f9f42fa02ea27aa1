# Sets MTLS_REVISION, the commit that the sources are of: what -DMTLS_REVISION=... says; else the file REVISION beside the top
# CMakeLists.txt, as a release's sources have it; else git's answer; else "unknown". Nothing of the time or the machine is in it,
# so that the same sources give the same bytes. A new commit configures again.
set(MTLS_REVISION "" CACHE STRING "The commit of the sources; empty: from the file REVISION, from git, or unknown")
set(revision "${MTLS_REVISION}")
if(NOT revision AND EXISTS ${CMAKE_SOURCE_DIR}/REVISION)
  file(STRINGS ${CMAKE_SOURCE_DIR}/REVISION revision LIMIT_COUNT 1)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/REVISION)
endif()
if(NOT revision AND EXISTS ${CMAKE_SOURCE_DIR}/.git)
  find_program(GIT git)
  if(GIT)
    execute_process(COMMAND ${GIT} rev-parse --short=12 HEAD WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}
      OUTPUT_VARIABLE revision OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
    execute_process(COMMAND ${GIT} rev-parse --path-format=absolute --git-path logs/HEAD WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}
      OUTPUT_VARIABLE heads OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
    if(heads AND EXISTS ${heads})
      set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${heads})
    endif()
  endif()
endif()
# It stands in a metric's label and in one line of text.
if(NOT "${revision}" MATCHES "^[0-9A-Za-z._+-]+$")
  set(revision unknown)
endif()
