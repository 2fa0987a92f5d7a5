# SPDX-License-Identifier: BSD-2-Clause
# The installed tree works from any place and brings headers, plugin and pkg-config file.
quiet "$CMAKE" --install "$BUILD" --prefix "$PWD/first"
mv first 'the tree'
CC="$PWD/the tree/bin/sef-cc"
quiet "$CC" "$inputs/service.c" -o service
is_service_image service
has out 'the tree/lib]'
quiet ./service
quiet "$CC" -c "$inputs/args.c"
readelf --wide -S args.o >sections
has sections magic_vars
for header in sef/sef.h magic/magic.h magic/records.h magic/table.h st/st.h; do
    echo "#include <$header>" >header.c
    quiet "$CC" -Wall -Werror -fsyntax-only header.c
done
PKG_CONFIG_PATH="$PWD/the tree/lib/pkgconfig"
export PKG_CONFIG_PATH
pkg-config --libs libsef >flags
has flags -lsef
for shell in bash-completion/completions/sefctl bash-completion/completions/sef-cc \
    zsh/site-functions/_sef; do
    [ -s "the tree/share/$shell" ] || fail "no share/$shell"
done
! command -v scdoc >where || [ -s 'the tree/share/man/man8/sefd.8' ] || fail 'no manual pages'
# Units name programs by absolute path: that of the prefix.
has 'the tree/lib/systemd/system/sefd.service' "ExecStart=$PWD/first/bin/sefd "
has 'the tree/lib/systemd/system/sefd@.service' "ExecReload=$PWD/first/bin/sefctl "
