# SPDX-License-Identifier: BSD-2-Clause
# Each test is a row of the table of release policies: %row runs one update and checks what must hold
# after it, see Inputs/row.py.
import os
import lit.formats

config.name = "relpol"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".test"]
config.excludes = ["Inputs"]
config.substitutions.append(
    ("%row", "{} -B {}/Inputs/row.py".format(config.python, config.test_source_root)))
config.environment["SEF_BIN"] = config.sef_bin_dir
config.environment["PATH"] = os.pathsep.join([config.llvm_tools_dir, os.environ["PATH"]])
