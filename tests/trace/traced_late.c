/* SPDX-License-Identifier: MIT
 * A library that does not begin at 0. */
__attribute__((visibility("default"))) int traced_late(int number);

int traced_late(int number)
{
	return number + 1;
}
