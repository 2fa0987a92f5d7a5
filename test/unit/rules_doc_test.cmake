# SPDX-License-Identifier: BSD-2-Clause
sef_unit_test(rules_doc LIBS magic_pair)
target_compile_definitions(rules_doc_test PRIVATE DOCS="${PROJECT_SOURCE_DIR}/docs")
