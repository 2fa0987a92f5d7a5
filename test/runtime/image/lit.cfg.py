# Each test is one C file, linked as a service image without the pass. The same suite runs once for
# each layout that a linker may give an image (parameters `layout` and `flags`).
import os
import lit.formats

layout = lit_config.params["layout"]
config.name = "image-" + layout
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".c"]
config.excludes = ["Inputs"]
config.test_exec_root = os.path.join(config.test_exec_root, layout)

include = "-I{0}/include -I{0}/src -I{1}/Inputs".format(
    config.runtime_source_dir, config.test_source_root)
plain = "{} -g -O1 -fPIC -Wall -Werror -D_GNU_SOURCE {}".format(config.clang, include)
library = "{0}/libmagicrt.so -Wl,-rpath,{0}".format(config.runtime_lib_dir)
image = "{} -shared -Wl,-Bsymbolic -Wl,-z,defs -Wl,-e,_sef_start {} {} {}".format(
    plain, lit_config.params["flags"], config.start_object, library)

config.substitutions.append(("%image-undefined", image.replace("-Wl,-z,defs ", "")))
config.substitutions.append(("%image", image))
config.substitutions.append(("%plain", plain))
config.substitutions.append(("%library_file", config.runtime_lib_dir + "/libmagicrt.so"))
config.substitutions.append(("%library", library))
config.substitutions.append(("%status", os.path.join(config.test_source_root, "Inputs/status")))
config.substitutions.append(
    ("%{start_source}", os.path.join(config.runtime_source_dir, "start/start.S")))
config.substitutions.append(("%{start_object}", config.start_object))
mixed = layout in ("gold", "bfd-noseparate-code", "lld-norosegment")
config.substitutions.append(("%gdb-mixed", '-ex "set displaced-stepping off"' if mixed else ""))
config.environment["PATH"] = os.pathsep.join([config.llvm_tools_dir, os.environ["PATH"]])
