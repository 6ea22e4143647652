# SPDX-License-Identifier: MIT
# programs.pl FILE CASE [ARGUMENT…]: perl's idioms of locking, as its manual pages show them. Says
# `held PATH` inside the critical section and goes on with the next line of its input; or says what
# came of it in a word.
use strict;
use warnings;
use DB_File;
use Fcntl qw(:DEFAULT :flock :seek);
use SDBM_File;
use Storable;
use Tie::File;
use Time::HiRes 'ualarm';

$| = 1;
my ($file, $case, @arguments) = @ARGV;
my %bits = (ex => LOCK_EX, sh => LOCK_SH, nb => LOCK_NB, un => LOCK_UN);

# What Storable meets while it holds the file.
our $holding = 1;
package Hooked {
    sub STORABLE_freeze { main::hold() if $holding; return 'frozen' }
    sub STORABLE_thaw { main::hold() }
}

sub hold { print 'held ', $_[0] // $file, "\n"; <STDIN> }

sub opened {
    my ($mode, $path) = @_;
    open my $handle, $mode, $path // $file or die "$file: $!";
    return $handle;
}

sub locked {
    my ($handle, @words) = @_;
    my $bits = 0;
    $bits |= $bits{$_} for @words;
    flock $handle, $bits or die "flock: $!\n";
    return $handle;
}

sub in_children {
    my ($count, $work) = @_;
    for (1 .. $count) {
        next if fork;
        $work->() for 1 .. 40;
        exit;
    }
    1 while wait > 0;
    return;
}

sub add_one {
    my $handle = locked(opened('+<'), 'ex');
    my $number = <$handle> // 0;
    seek $handle, 0, SEEK_SET;
    print $handle $number + 1;
    close $handle or die;
}

# perldoc AnyDBM_File, DB_File: the lock is on a file beside the database.
sub add_one_beside {
    my $dbm = shift;
    my $lock = locked(opened('>', "$file.lock"), 'ex');
    tie my %h, $dbm, $file, O_RDWR | O_CREAT, 0666 or die "$file: $!";
    $h{number} = ($h{number} // 0) + 1;
    untie %h;
    close $lock;
}

sub count_beside {
    my $dbm = shift;
    unlink $file;
    in_children(3, sub { add_one_beside($dbm) });
    tie my %h, $dbm, $file, O_RDWR, 0666 or die "$file: $!";
    print "$h{number}\n";
}

sub fcntl_lock {
    my ($handle, $type) = @_;
    fcntl $handle, F_SETLK, pack 's s x4 q q i x4', $type, SEEK_SET, 0, 0, 0 or die "fcntl: $!\n";
}

my %cases = (
    # perldoc -f flock; arguments: the open mode, then the lock's words.
    open => sub { my $f = locked(opened(shift @arguments), @arguments); hold() },
    # The idiom of programs that may run once: the file is the program itself.
    DATA => sub { locked(\*DATA, qw(ex nb)); hold($0) },
    self => sub { my $f = locked(opened('<', $0), qw(ex nb)); hold($0) },
    mailbox => sub { # perldoc -f flock
        my $f = locked(opened('>>'), 'ex');
        seek $f, 0, SEEK_END or die;
        print $f "From me\n\n";
        hold();
        locked($f, 'un');
    },
    changed => sub {
        my $f = opened('+<');
        locked($f, $_) for @arguments;
        hold();
    },
    duplicate => sub {
        my $f = locked(opened('+<'), 'ex');
        open my $copy, '>&', $f or die;
        close $f;
        hold();
    },
    heir => sub { # the parent has closed it, its child holds
        my $f = locked(opened('+<'), 'ex');
        if (fork) { close $f; wait; exit }
        hold();
    },
    reread => sub { # perl reads a file again that it has locked
        my $f = locked(opened('+<'), 'ex');
        my $other = opened('<');
        close $other;
        hold();
    },
    store => sub { Storable::lock_store([ bless {}, 'Hooked' ], $file) },
    retrieve => sub {
        { local $holding = 0; Storable::store([ bless {}, 'Hooked' ], $file) }
        Storable::lock_retrieve($file);
    },
    tie_file => sub { (tie my @lines, 'Tie::File', $file)->flock; $lines[0] = 'x'; hold() },
    db_file_lock => sub {
        require DB_File::Lock;
        unlink $file;
        tie my %h, 'DB_File::Lock', $file, O_CREAT | O_RDWR, 0600, $DB_HASH, 'write' or die "$!";
        $h{x} = 1;
        hold("$file.lock");
    },
    # Mail programs take both families on one file, in either order.
    flock_fcntl => sub {
        my $f = locked(opened('+<'), qw(ex nb));
        fcntl_lock($f, F_WRLCK);
        hold();
    },
    fcntl_flock => sub {
        my $f = opened('+<');
        fcntl_lock($f, F_WRLCK);
        locked($f, qw(ex nb));
        hold();
    },
    refused => sub {
        my $granted = flock opened('+<'), LOCK_EX | LOCK_NB;
        print $granted ? "granted\n" : $!{EWOULDBLOCK} ? "refused\n" : "$!\n";
    },
    alarm => sub { # perldoc -f alarm
        local $SIG{ALRM} = sub { die "alarm\n" };
        eval { ualarm 200_000; locked(opened('+<'), 'ex') };
        print $@ eq "alarm\n" ? "refused\n" : "granted\n";
    },
    counter => sub { in_children(3, \&add_one); my $f = opened('<'); print <$f>, "\n" },
    sdbm => sub { count_beside('SDBM_File') },
    db_file => sub { count_beside('DB_File') },
);
$cases{$case}->();

__DATA__
nothing
