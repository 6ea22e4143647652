<?php
// A page view: PHP locks the visitor's session until the script ends. Meanwhile a client asks.
session_id('visitor');
session_start(['use_cookies' => 0, 'use_only_cookies' => 0, 'cache_limiter' => '']);
$_SESSION['views'] = ($_SESSION['views'] ?? 0) + 1;
echo isset($argv[2]) ? shell_exec("env -u LD_PRELOAD python3 $argv[2] try $argv[1]") : '';
