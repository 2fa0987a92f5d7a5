# SPDX-License-Identifier: BSD-2-Clause
# Each test is one C file compiled twice, with V=1 and V=2; %versions builds both, %update runs the
# first and lets it update itself to the second, %refused does so and expects failure. See Inputs/harness.h.
# "expensive-checks" is a build with SEF_CHECK_EXPENSIVE.
import os
import lit.formats

config.name = "st"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".c"]
config.excludes = ["Inputs"]

if config.checks_expensive:
    config.available_features.add("expensive-checks")

cc = os.path.join(config.sef_bin_dir, "sef-cc")
inputs = os.path.join(config.test_source_root, "Inputs")
build = "{} -O1 -Wall -Werror -Wno-unused-function -I{}".format(cc, inputs)
config.substitutions.append(
    ("%versions", "{0} -DV=1 %s -o %t.1 && {0} -DV=2 %s -o %t.2".format(build)))
config.substitutions.append(("%cc", build))
config.substitutions.append(("%update", "env ST_NEXT=%t.2 %t.1"))
config.substitutions.append(("%refused", "env ST_NEXT=%t.2 not %t.1"))
config.environment["PATH"] = os.pathsep.join([config.llvm_tools_dir, os.environ["PATH"]])
