/* SPDX-License-Identifier: MIT
 * A shared object with nothing in it: what preloading costs by itself. */
