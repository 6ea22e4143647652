# SPDX-License-Identifier: MIT
# Puts the page together and writes it as C: what stands before its data, and behind.
# cmake -D SOURCE=DIR -D "SCRIPTS=A;B" -D OUTPUT=FILE -P embed.cmake

# What a Content-Security-Policy calls a text by, so that the browser runs this one alone.
function(hash_of text ret)
  set(alphabet "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
  string(SHA256 hex "${text}")
  set(base64 "")
  # 32 bytes are ten groups of three, and two that are filled up.
  foreach(at RANGE 0 60 6)
    string(SUBSTRING "${hex}0000" ${at} 6 group)
    foreach(shift 18 12 6 0)
      math(EXPR digit "(0x${group} >> ${shift}) & 63")
      string(SUBSTRING "${alphabet}" ${digit} 1 digit)
      string(APPEND base64 "${digit}")
    endforeach()
  endforeach()
  string(SUBSTRING "${base64}" 0 43 base64)
  set(${ret} "'sha256-${base64}='" PARENT_SCOPE)
endfunction()

function(write_array name text)
  string(HEX "${text}" hex)
  string(REGEX REPLACE "(..)" "0x\\1," hex "${hex}")
  string(REGEX REPLACE "(................................................................................)"
         "\\1\n" hex "${hex}")
  file(APPEND ${OUTPUT} "const unsigned char ${name}[] = {\n${hex}\n};\n"
       "const size_t ${name}_length = sizeof(${name});\n")
endfunction()

set(script "")
foreach(name ${SCRIPTS})
  file(READ ${SOURCE}/${name} text)
  string(APPEND script "${text}")
endforeach()
file(READ ${SOURCE}/page.css style)
file(READ ${SOURCE}/page.html page)
hash_of("${script}" script_hash)
hash_of("${style}" style_hash)
string(REPLACE "@POLICY@" "default-src 'none'; script-src ${script_hash}; style-src ${style_hash}; \
img-src data:; base-uri 'none'; form-action 'none'" page "${page}")
string(REPLACE "@STYLE@" "${style}" page "${page}")
string(REPLACE "@SCRIPT@" "${script}" page "${page}")
string(FIND "${page}" "@DATA@" middle)
string(SUBSTRING "${page}" 0 ${middle} before)
math(EXPR middle "${middle} + 6")
string(SUBSTRING "${page}" ${middle} -1 behind)

file(WRITE ${OUTPUT} "/* Made from cli/page. */\n#include \"cli/html_page.h\"\n\n")
write_array(cli_html_before "${before}")
write_array(cli_html_behind "${behind}")
