# cmake -DFOLDER=exporter/web/page -DOUT=page_files.cc "-DFILES=index.html|page.css" -P embed.cmake: the files as C++ text, so that
# the binary needs nothing beside it. A raw string has no limit that matters to g++ and clang.
string(REPLACE "|" ";" FILES "${FILES}")
set(rows "")
foreach(name IN LISTS FILES)
  file(READ ${FOLDER}/${name} text)
  if(text MATCHES "\\)~page~\"")
    message(FATAL_ERROR "${name} holds the mark that ends a raw string")
  endif()
  string(APPEND rows "    {\"${name}\", R\"~page~(${text})~page~\"},\n")
endforeach()
file(WRITE ${OUT} "#include \"exporter/web/page.h\"

namespace exporter::web {

std::span<const PageFile> page_files() {
  static constexpr PageFile files[] = {
${rows}  };
  return files;
}

}  // namespace exporter::web
")
