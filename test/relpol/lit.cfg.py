# SPDX-License-Identifier: BSD-2-Clause
# Each test is a row of the table of release policies: %row runs one update and checks what must hold
# after it, %crash ends a service, %several updates some as one, %messages holds messages back, and
# %life runs another command; see Inputs.
import os
import lit.formats

config.name = "relpol"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".test"]
config.excludes = ["Inputs"]
for name in ("row", "crash", "several", "messages", "life"):
    config.substitutions.append(
        ("%" + name + r"\b", "{} -B {}/Inputs/{}.py".format(config.python, config.test_source_root, name)))
config.environment["SEF_BIN"] = config.sef_bin_dir
config.environment["SEF_TEST_BIN"] = os.path.join(os.path.dirname(config.sef_bin_dir), "test", "tools")
config.environment["PYTHONPATH"] = os.path.join(config.test_source_root, "..", "tools", "Inputs")
config.environment["PATH"] = os.pathsep.join([config.llvm_tools_dir, os.environ["PATH"]])
