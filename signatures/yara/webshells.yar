/*
    Web shells: pages that run what a request brings.
    Copyright The deadbox authors. Licence: Apache-2.0.
*/

private rule is_php
{
    strings:
        $open = /<\?php\s/ nocase
        $short = "<?=" ascii
    condition:
        filesize < 4MB and ($open in (0..4096) or $short in (0..4096))
}

private rule is_image
{
    condition:
        // GIF8, PNG, JPEG, BM with a plausible header
        uint32(0) == 0x38464947 or uint32(0) == 0x474e5089 or uint32be(0) == 0xffd8ffe0 or uint32be(0) == 0xffd8ffe1 or uint32be(0) == 0xffd8ffdb
}

rule Webshell_PHP_Direct_Input
{
    meta:
        author = "deadbox"
        description = "PHP page that evaluates a request parameter as code or runs it as a command"
        severity = "critical"
        category = "access"
        technique = "T1505.003"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        false_positives = "pages that are vulnerable on purpose (training)"
    strings:
        $a = /\b(eval|assert|system|passthru|shell_exec|exec|popen|proc_open|pcntl_exec)\s{0,4}\(\s{0,4}@?(stripslashes|base64_decode|urldecode|rawurldecode|gzinflate|gzuncompress|str_rot13|hex2bin|strrev|trim)?\s{0,4}\(?\s{0,4}(base64_decode\(|str_rot13\(|gzinflate\()?"?\$\{?_(GET|POST|REQUEST|COOKIE|FILES)\s{0,2}[\[\{]/ nocase
        $b = /`\s{0,4}\$\{?_(GET|POST|REQUEST|COOKIE)\s{0,2}\[/
        $c = /\b(eval|assert|system|passthru|shell_exec)\s{0,4}\(\s{0,4}@?(base64_decode\(|str_rot13\(|gzinflate\()?\s{0,4}(file_get_contents\(\s{0,2}["']php:\/\/input|\$_SERVER\s{0,2}\[\s{0,2}["']HTTP_)/ nocase
        $d = /(include|include_once|require|require_once)\s{0,4}\(?\s{0,4}@?\$_(GET|POST|REQUEST|COOKIE)\s{0,2}\[\s{0,2}["'](cmd|c|x|code|shell|pass)["']\s{0,2}\]/ nocase
    condition:
        // Development servers evaluate the body of a request too, in files that do more than that.
        is_php and ($a or $b or $d or ($c and filesize < 4KB))
}

rule Webshell_PHP_Indirect_Call
{
    meta:
        author = "deadbox"
        description = "PHP page that calls whatever function a request names"
        severity = "critical"
        category = "access"
        technique = "T1505.003"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        false_positives = "none known"
    strings:
        $a = /\$_(GET|POST|REQUEST|COOKIE)\s{0,2}\[[^\]\n]{1,40}\]\s{0,4}\(\s{0,4}@?\$_(GET|POST|REQUEST|COOKIE|SERVER)\s{0,2}\[/
        $b = /(array_map|array_filter|array_walk|usort|uasort|uksort|register_shutdown_function|call_user_func|call_user_func_array|forward_static_call|array_diff_ukey|array_intersect_ukey)\s{0,4}\([^\n;]{0,60}["'](assert|eval|system|exec|passthru|shell_exec|popen)["'][^\n;]{0,60}\$_(GET|POST|REQUEST|COOKIE)/ nocase
        $c = /create_function\s{0,4}\([^\n;]{0,40},\s{0,4}(base64_decode\(|stripslashes\()?\s{0,4}@?\$_(GET|POST|REQUEST|COOKIE)/ nocase
        $d = /preg_replace\s{0,4}\(\s{0,4}["']([\/#~|@])[^\n]{0,40}[\/#~|@][imsxuADSUXJ]{0,4}e[imsxuADSUXJ]{0,4}["']\s{0,4},[^\n;]{0,80}\$_(GET|POST|REQUEST|COOKIE)/
        $e = /(call_user_func|call_user_func_array|array_map)\s{0,4}\(\s{0,4}@?\$_(GET|POST|REQUEST|COOKIE)\s{0,2}\[[^\]\n]{1,40}\]\s{0,4},\s{0,4}(array\()?\s{0,4}@?\$_(GET|POST|REQUEST|COOKIE)/ nocase
    condition:
        is_php and any of ($a, $b, $c, $d, $e)
}

rule Webshell_PHP_Obfuscated_Chain
{
    meta:
        author = "deadbox"
        description = "PHP page that evaluates code unpacked through two or more layers of encoding"
        severity = "high"
        category = "access"
        technique = "T1027.010"
        reference = "https://attack.mitre.org/techniques/T1027/010/"
        false_positives = "themes and plugins whose vendor hides the source"
    strings:
        $a = /(eval|assert)\s{0,4}\(\s{0,4}["'?>. ]{0,8}(gzinflate|gzuncompress|gzdecode|str_rot13|base64_decode|strrev|rawurldecode|urldecode|convert_uudecode|hex2bin)\s{0,4}\(\s{0,4}(gzinflate|gzuncompress|gzdecode|str_rot13|base64_decode|strrev|rawurldecode|urldecode|convert_uudecode|hex2bin)\s{0,4}\(/ nocase
        $b = /eval\s{0,4}\(\s{0,4}base64_decode\s{0,4}\(\s{0,4}["'][A-Za-z0-9+\/=]{100}/ nocase
        $d = /(\\x62\\x61\\x73\\x65\\x36\\x34|\\142\\141\\163\\145\\66\\64|\\x65\\x76\\x61\\x6[cC]|\\x61\\x73\\x73\\x65\\x72\\x74)/
        $e = /\$\{["']\\x47\\x4[cC]\\x4[fF]\\x42\\x41\\x4[cC]\\x53["']\}/
        $run = /(eval|assert|create_function|call_user_func)\s{0,4}\(/ nocase
    condition:
        is_php and ($a or $b or ($d and $run and filesize < 512KB) or $e)
}

rule Webshell_PHP_Known_Family
{
    meta:
        author = "deadbox"
        description = "PHP web shell by its own name: c99, r57, b374k, WSO, FilesMan, IndoXploit, Behinder, Godzilla, AntSword, weevely, p0wny"
        severity = "critical"
        category = "access"
        technique = "T1505.003"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        false_positives = "signature files of scanners written in PHP"
    strings:
        $n1 = "c99shell" ascii nocase
        $n2 = "r57shell" ascii nocase
        $n3 = "b374k" ascii nocase
        $n4 = "Web Shell by oRb" ascii nocase
        $n5 = "'FilesMan'" ascii
        $n6 = "IndoXploit" ascii nocase
        $n7 = "p0wny@shell" ascii
        $n8 = "e45e329feb5d925b" ascii
        $n9 = "3c6e0b8a9c15224a" ascii
        $n10 = "AnonymousFox" ascii
        $n11 = "Mini Shell By" ascii nocase
        $n12 = "ALFA TEaM Shell" ascii nocase
        $n13 = "Tiny File Manager Shell" ascii
        $run = /\b(eval|assert|system|passthru|shell_exec|exec|popen|proc_open)\s{0,4}\(/ nocase
        $input = /\$_(GET|POST|REQUEST|COOKIE|FILES|SESSION)\s{0,2}\[|php:\/\/input/
    condition:
        is_php and filesize < 1MB and any of ($n*) and not 4 of ($n*) and $run and $input
}

rule Webshell_PHP_Behinder_Godzilla
{
    meta:
        author = "deadbox"
        description = "PHP page that decrypts the body of a request with a session key and evaluates it, as Behinder and Godzilla do"
        severity = "critical"
        category = "access"
        technique = "T1505.003"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        false_positives = "none known"
    strings:
        $input = "php://input" ascii
        $xor = /\[\$i\]\s{0,2}\^\s{0,2}\$\w{1,20}\[\(?\$i\s{0,2}\+\s{0,2}1\)?\s{0,2}&\s{0,2}15\]/
        $aes = /openssl_decrypt\s{0,2}\(\s{0,2}\$\w{1,20}\s{0,2},\s{0,2}["']AES128["']/ nocase
        $eval = /\beval\s{0,2}\(\s{0,2}\$\w{1,20}/
        $invoke = "__invoke" ascii
        $session = "$_SESSION[" ascii
    condition:
        is_php and filesize < 64KB and ($xor or $aes) and $eval and ($input or $session or $invoke)
}

rule Webshell_PHP_In_Image
{
    meta:
        author = "deadbox"
        description = "Image that carries PHP code which runs commands or reads a request"
        severity = "critical"
        category = "access"
        technique = "T1027.009"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        false_positives = "none known"
    strings:
        $open = /<\?php\s/ nocase
        $short = "<?=" ascii
        $run = /\b(eval|assert|system|passthru|shell_exec|exec|popen|proc_open|base64_decode|gzinflate|include|file_put_contents|move_uploaded_file)\s{0,4}\(/ nocase
        $tick = /`\s{0,4}\$_(GET|POST|REQUEST|COOKIE)/
        $input = /\$_(GET|POST|REQUEST|COOKIE|FILES|SERVER)\s{0,2}\[/
    condition:
        is_image and (($open and ($run or $input)) or ($short and ($tick or ($run and $input))))
}

rule Webshell_Htaccess_Handler
{
    meta:
        author = "deadbox"
        description = ".htaccess that makes the web server run images or text files as PHP"
        severity = "high"
        category = "persistence"
        technique = "T1505.003"
        reference = "https://httpd.apache.org/docs/2.4/mod/mod_mime.html#addhandler"
        false_positives = "odd shared-hosting set-ups"
    strings:
        $add = /(^|\n)[ \t]*Add(Type|Handler)[ \t]+(application\/x-httpd-php[0-9]{0,2}|php[0-9]{0,2}-script|application\/x-httpd-ea-php[0-9]{0,3})[^\n]{0,60}\.(jpe?g|png|gif|ico|txt|css|js|log|bmp|webp)\b/ nocase
        $files = /<FilesMatch[ \t]+["']?[^\n]{0,80}\.?\(?[^\n]{0,40}(jpe?g|png|gif|ico|txt)[^\n]{0,40}>\s{1,20}(SetHandler|ForceType)[ \t]+["']?application\/x-httpd-php/ nocase
    condition:
        filesize < 64KB and uint8(0) != 0x3c and any of them or (filesize < 64KB and uint8(0) == 0x3c and uint8(1) == 0x46 and $files)
}

rule Webshell_JSP
{
    meta:
        author = "deadbox"
        description = "JSP page that runs a request parameter as a command or loads a class from the request"
        severity = "critical"
        category = "access"
        technique = "T1505.003"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        false_positives = "pages that are vulnerable on purpose (training)"
    strings:
        $tag1 = "<%" ascii
        $tag2 = "<jsp:" ascii
        $direct = /getRuntime\(\)\s{0,4}\.\s{0,4}exec\s{0,4}\(\s{0,8}(new String\[\]\s{0,4}\{[^\n}]{0,80})?\s{0,4}request\.getParameter/
        $exec = /getRuntime\(\)\s{0,4}\.\s{0,4}exec\s{0,4}\(/
        $builder = /new\s+ProcessBuilder\s{0,4}\(/
        $parameter = /request\.get(Parameter|Header|Reader|InputStream)\s{0,4}\(/
        $stream = /\.getInputStream\(\)/
        $shell = /["'](\/bin\/(ba)?sh|cmd(\.exe)?|\/c|-c)["']/
        $define = "defineClass" ascii
        $loader = /extends\s+(java\.lang\.)?ClassLoader/
        $aes = /Cipher\.getInstance\(\s{0,4}["']AES/
        $key1 = "e45e329feb5d925b" ascii
        $key2 = "3c6e0b8a9c15224a" ascii
        $script = /ScriptEngineManager\(\)[^;]{0,80}\.eval\s{0,4}\(\s{0,4}request\.getParameter/
    condition:
        filesize < 512KB and ($tag1 in (0..2048) or $tag2 in (0..2048)) and
        ($direct or $script or (($exec or $builder) and $parameter and $stream and $shell) or ($define and $loader and ($aes or $parameter) and ($parameter or $key1 or $key2)))
}

rule Webshell_ASPX
{
    meta:
        author = "deadbox"
        description = "ASP or ASP.NET page that evaluates a request value or runs it as a command"
        severity = "critical"
        category = "access"
        technique = "T1505.003"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        false_positives = "pages that are vulnerable on purpose (training)"
    strings:
        $tag = "<%" ascii
        $eval1 = /<%[^%]{0,40}\b(eval|execute|executeglobal)\s{0,4}\(?\s{0,4}request\s{0,4}(\.\s{0,2}(item|form|querystring))?\s{0,4}[\(\[]/ nocase
        $eval2 = /eval\s{0,4}\(\s{0,4}Request\s{0,2}(\.\s{0,2}(Item|Form|QueryString))?\s{0,2}\[[^\n]{1,40}\]\s{0,2},\s{0,2}["']unsafe["']/ nocase
        $start = /(new\s+(System\.Diagnostics\.)?ProcessStartInfo|Process\.Start\s{0,2}\(|WScript\.Shell)/ nocase
        $cmd = /cmd(\.exe)?["']|\/c\s|powershell/ nocase
        $input = /Request\s{0,2}(\.\s{0,2}(Item|Form|QueryString|Params|Cookies|Headers))?\s{0,2}[\[\(]\s{0,2}["']/ nocase
        $text = /TextBox|txtCmd|txtArg/ nocase
        $out = /StandardOutput|\.StdOut\.ReadAll/ nocase
        $load = /Assembly\.Load\s{0,2}\(/
        $aes = /(RijndaelManaged|AesManaged|Aes\.Create)\s{0,2}\(\)/
        $body = /Request\.(BinaryRead|InputStream)/
    condition:
        filesize < 512KB and $tag in (0..2048) and
        ($eval1 or $eval2 or ($start and $cmd and $out and ($input or $text)) or ($load and $aes and ($body or $input)))
}

rule Webshell_Python_Perl_Node
{
    meta:
        author = "deadbox"
        description = "Python, Perl or Node program that runs a request parameter as a command"
        severity = "high"
        category = "access"
        technique = "T1505.003"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        false_positives = "programs that are vulnerable on purpose (training)"
    strings:
        $py1 = /(os\.(popen|system)|subprocess\.(Popen|call|run|check_output|getoutput)|\b(eval|exec))\s{0,2}\(\s{0,4}(flask\.)?request\.(args|form|values|cookies|headers|GET|POST|json)\s{0,2}[.\[]/
        $py2 = /(os\.(popen|system)|subprocess\.(Popen|call|run|check_output|getoutput))\s{0,2}\(\s{0,4}(form|cgi\.FieldStorage\(\)|fs)\s{0,2}(\.getvalue\(|\[["'])/
        $pl1 = /\b(system|exec|open\s{0,2}\(?\s{0,2}\w{1,16}\s{0,2},)\s{0,2}\(?\s{0,2}["']?\$?(q|cgi|query|CGI->new(\(\))?)->param\(/
        $pl2 = /(`|qx[\/\{\(])\s{0,2}\$?\{?(q|cgi|query)->param\(/
        $pl3 = /(`|qx[\/\{\(])\s{0,2}\$(FORM|form|input|query)\{\s{0,2}["']?(cmd|command|exec)["']?\s{0,2}\}/
        $node = /child_process["']\s{0,2}\)\s{0,2}\.\s{0,2}exec(Sync)?\s{0,2}\(\s{0,2}req\.(query|body|params|headers)/
    condition:
        filesize < 512KB and uint8(0) != 0x7f and any of them
}
