/* SPDX-License-Identifier: BSD-2-Clause */
int part(void);

int main(void)
{
    return part();
}
