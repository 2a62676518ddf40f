# thap_embed(TARGET SYMBOL FILES...): compiles data files into TARGET as
#   const std::vector<thap::EmbeddedFile>& SYMBOL();   declared by the folder that uses it
# so that the binary needs no data folder beside it.
function(thap_embed target namespace symbol)
  set(generated ${CMAKE_CURRENT_BINARY_DIR}/${symbol}.cc)
  add_custom_command(
    OUTPUT ${generated}
    COMMAND ${CMAKE_COMMAND} -DOUT=${generated} -DNAMESPACE=${namespace} -DSYMBOL=${symbol}
            -DROOT=${CMAKE_CURRENT_SOURCE_DIR} "-DFILES=${ARGN}"
            -P ${PROJECT_SOURCE_DIR}/cmake/embed_files.cmake
    DEPENDS ${ARGN} ${PROJECT_SOURCE_DIR}/cmake/embed_files.cmake
    VERBATIM)
  target_sources(${target} PRIVATE ${generated})
endfunction()
