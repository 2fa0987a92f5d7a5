# SPDX-License-Identifier: BSD-2-Clause
"""The pass's tests: compile with the plugin, look at IR, or link and look at the records."""
import os

import lit.formats

for attribute in ("llvm_tools_dir", "magic_plugin", "sef_start", "magic_records", "python"):
    if not getattr(config, attribute, None):
        lit_config.fatal(f"site configuration lacks {attribute}")

config.name = "pass"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".c", ".cpp", ".ll"]
config.excludes = ["Inputs"]
config.test_source_root = os.path.dirname(__file__)
config.environment["PATH"] = config.llvm_tools_dir + os.pathsep + os.environ["PATH"]

inputs = os.path.join(config.test_source_root, "Inputs")
plugin = config.magic_plugin
link = ("clang -fPIC -shared -nostartfiles -Wl,-Bsymbolic -Wl,-z,defs -Wl,-e,_sef_start "
        f"{config.sef_start} {inputs}/runtime-stub.c")
opt = f"opt -load-pass-plugin={plugin} -S -passes="

# Longer names first: lit replaces in order.
config.substitutions += [
    ("%magic_cxx", f"clang++ -g -fPIC -fpass-plugin={plugin}"),
    ("%magic_cc", f"clang -g -fPIC -fpass-plugin={plugin}"),
    ("%apply_magic", f"{opt}'magic,verify'"),
    ("%opt_passes", opt),
    ("%verify", "opt -passes=verify -disable-output"),
    ("%link_service", link),
    ("%records", f"{config.python} {inputs}/dump-records.py {config.magic_records}"),
    ("%plugin", plugin),
    ("%inputs", inputs),
]
