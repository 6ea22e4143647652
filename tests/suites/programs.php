<?php
// SPDX-License-Identifier: MIT
// programs.php FILE CASE [ARGUMENT…]: PHP's idioms of locking, in the manner of programs.pl.

[, $file, $case] = $argv;
$words = array_slice($argv, 3);

function hold(): void
{
    global $file;
    fwrite(STDOUT, "held $file\n");
    fgets(STDIN);
}

function locked($handle, array $words): void
{
    $bits = ['ex' => LOCK_EX, 'sh' => LOCK_SH, 'nb' => LOCK_NB];
    flock($handle, array_sum(array_map(fn ($word) => $bits[$word], $words))) || exit(1);
}

// What file_put_contents reads from once it holds the file.
class Source
{
    public $context;
    private bool $read = false;
    public function stream_open(): bool
    {
        return true;
    }
    public function stream_read(): string
    {
        if (!$this->read) {
            hold();
        }
        [$was, $this->read] = [$this->read, true];
        return $was ? '' : 'text';
    }
    public function stream_eof(): bool
    {
        return $this->read;
    }
    public function stream_stat(): array
    {
        return [];
    }
}

function in_children(callable $work): void
{
    for ($i = 0; $i < 3; $i++) {
        if (pcntl_fork() === 0) {
            for ($j = 0; $j < 40; $j++) {
                $work();
            }
            exit(0);
        }
    }
    while (pcntl_wait($status) > 0) {
    }
}

$cases = [
    'open' => function () use ($file, $words) {
        $handle = fopen($file, array_shift($words));
        locked($handle, $words);
        hold();
    },
    'object' => function () use ($file) {
        $object = new SplFileObject($file, 'r+');
        $object->flock(LOCK_EX) || exit(1);
        hold();
    },
    'put' => function () use ($file) {
        stream_wrapper_register('source', Source::class);
        file_put_contents($file, fopen('source://x', 'r'), LOCK_EX) === 4 || exit(1);
    },
    'refused' => function () use ($file) {
        $granted = flock(fopen($file, 'r+'), LOCK_EX | LOCK_NB, $would_block);
        fwrite(STDOUT, $granted ? "granted\n" : ($would_block ? "refused\n" : "failed\n"));
    },
    'alarm' => function () use ($file) {
        pcntl_async_signals(true);
        pcntl_signal(SIGALRM, fn () => pcntl_alarm(1), false);
        pcntl_alarm(1);
        fwrite(STDOUT, flock(fopen($file, 'r+'), LOCK_EX) ? "granted\n" : "refused\n");
    },
    'append' => function () use ($file) {
        in_children(fn () => file_put_contents($file, "line\n", FILE_APPEND | LOCK_EX));
        fwrite(STDOUT, count(file($file)) . "\n");
    },
    'counter' => function () use ($file) {
        in_children(function () use ($file) {
            $handle = fopen($file, 'c+');
            locked($handle, ['ex']);
            $number = (int)fgets($handle) + 1;
            ftruncate($handle, 0);
            rewind($handle);
            fwrite($handle, (string)$number);
            fclose($handle);
        });
        fwrite(STDOUT, file_get_contents($file) . "\n");
    },
];
$cases[$case]();
