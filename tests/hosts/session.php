<?php
// SPDX-License-Identifier: MIT
// A visitor of a session. Reads one command a line, answers one line:
//   start ID    read (the session's counter)    add (1 to it)    close    many ID N (start, add, close)

function start(string $id): void
{
    session_id($id);
    session_start(['use_cookies' => 0, 'use_only_cookies' => 0, 'cache_limiter' => '']);
}

function add(): void
{
    $_SESSION['counter'] = ($_SESSION['counter'] ?? 0) + 1;
}

while (($line = fgets(STDIN)) !== false) {
    $word = explode(' ', trim($line));
    $answer = 'ok';
    switch ($word[0]) {
        case 'start':
            start($word[1]);
            break;
        case 'read':
            $answer = (string)($_SESSION['counter'] ?? 0);
            break;
        case 'add':
            add();
            break;
        case 'close':
            session_write_close();
            break;
        case 'many':
            for ($i = 0; $i < (int)$word[2]; $i++) {
                start($word[1]);
                add();
                session_write_close();
            }
            break;
    }
    // Not to STDOUT's buffer: a session cannot start once a script has printed.
    fwrite(STDOUT, "$answer\n");
}
