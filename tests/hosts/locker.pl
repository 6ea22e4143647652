# SPDX-License-Identifier: MIT
# A perl program that locks as it is told, by perl's own flock: one command a line, answers `ok` or
# the error's name.  open PATH MODE (perl's: < >> +<)    flock ex|sh|un [nb]    close
use strict;
use warnings;
use Errno;
use Fcntl ':flock';

$| = 1;
my %bits = (ex => LOCK_EX, sh => LOCK_SH, un => LOCK_UN, nb => LOCK_NB);
my $file;
my %does = (
    open  => sub { open $file, $_[1], $_[0] },
    close => sub { close $file },
    flock => sub { my $bits = 0; $bits |= $bits{$_} for @_; flock $file, $bits },
);

sub error_name { return (grep { $!{$_} } qw(EAGAIN EBADF ENOENT EDEADLK))[0] || "$!" }

while (my $line = <STDIN>) {
    my ($verb, @arguments) = split ' ', $line;
    print $does{$verb}->(@arguments) ? "ok\n" : error_name() . "\n";
}
