#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# count.pl FILE ROUNDS PAUSE_MS: counts in FILE under perl's flock. Starts at the first line of input.
use strict;
use warnings;
use Fcntl qw(:flock);

my ($name, $rounds, $pause) = @ARGV;
$| = 1;
open(my $file, '+<', $name) or die "$name: $!\n";
print "ok\n";
<STDIN>;
for (1 .. $rounds) {
	flock($file, LOCK_EX) or die "flock: $!\n";
	sysseek($file, 0, 0);
	sysread($file, my $text, 9);
	sysseek($file, 0, 0);
	syswrite($file, sprintf("%08d\n", $text + 1));
	flock($file, LOCK_UN) or die "flock: $!\n";
	select(undef, undef, undef, $pause / 1000);
}
print "ok\n";
