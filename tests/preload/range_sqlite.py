# SPDX-License-Identifier: MIT
# One process, four connections to one database, each in a thread of its own: two that count, two
# that look whether all they see belongs together.
#   range_sqlite.py make DB JOURNAL    create it      count DB ROUNDS
#   range_sqlite.py hold DB            a line once it has the write lock, and lets go at the next
#   range_sqlite.py try DB             exit status 0 where the write lock is to be had at once
#   range_sqlite.py show DB            what is in it
import sqlite3
import subprocess
import sys
import threading

bad = []


def connect(path, timeout=60):
    connection = sqlite3.connect(path, timeout=timeout, isolation_level=None)
    connection.execute('PRAGMA synchronous = OFF')
    return connection


def make(path, journal):
    connection = connect(path)
    connection.execute('PRAGMA journal_mode = ' + journal)
    connection.execute('CREATE TABLE counter (n INTEGER)')
    connection.execute('CREATE TABLE log (n INTEGER)')
    connection.execute('INSERT INTO counter VALUES (0)')


def add_one(connection):
    connection.execute('BEGIN IMMEDIATE')
    (seen,) = connection.execute('SELECT n FROM counter').fetchone()
    connection.execute('UPDATE counter SET n = ?', (seen + 1,))
    connection.execute('INSERT INTO log VALUES (?)', (seen + 1,))
    connection.execute('COMMIT')


def look(connection):
    connection.execute('BEGIN')
    (seen,) = connection.execute('SELECT n FROM counter').fetchone()
    (logged,) = connection.execute('SELECT count(*) FROM log').fetchone()
    connection.execute('COMMIT')
    if seen != logged:
        bad.append(f'{seen} counted, {logged} logged')


def repeat(what, path, rounds):
    try:
        for i in range(rounds):
            if i % 20 == 0:  # the last one of a process to close is a case of its own
                connection = connect(path)
            what(connection)
            if i % 20 == 19:
                connection.close()
    except sqlite3.Error as error:
        bad.append(f'{what.__name__}: {error}')


def count(path, rounds):
    threads = [threading.Thread(target=repeat, args=(what, path, int(rounds)))
               for what in (add_one, look, add_one, look)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sys.exit('\n'.join(bad) or 0)


def hold(path):
    connection = connect(path)
    connection.execute('BEGIN IMMEDIATE')
    print('held', flush=True)
    sys.stdin.readline()
    subprocess.run(['true'], check=True)  # a child beside an open transaction
    connection.execute('UPDATE counter SET n = n')
    connection.execute('COMMIT')
    print('let go', flush=True)
    sys.stdin.readline()


def attempt(path):
    try:
        connect(path, 0).execute('BEGIN IMMEDIATE')
    except sqlite3.OperationalError as error:
        sys.exit(str(error))


def show(path):
    connection = connect(path)
    for sentence in ('SELECT n FROM counter', 'SELECT count(*), count(DISTINCT n) FROM log',
                     'PRAGMA integrity_check', 'PRAGMA journal_mode'):
        print(*connection.execute(sentence).fetchone())


{'make': make, 'count': count, 'hold': hold, 'try': attempt, 'show': show}[sys.argv[1]](*sys.argv[2:])
