namespace Forensics.Yara.Tests.Rules;

/// <summary>Look-alikes for webshells.yar.</summary>
internal static class WebshellSamples
{
    public static IEnumerable<Sample> All() =>
    [
        Sample.Text("php eval of a parameter", "<?php @ev~al($_PO~ST['x']); ?>", "Webshell_PHP_Direct_Input"),
        Sample.Text("php system of a parameter", "<html><?php if(isset($_GE~T['c'])) { sys~tem ( $_GE~T['c'] ); } ?></html>", "Webshell_PHP_Direct_Input"),
        Sample.Text("php decoded parameter", "<?=asse~rt(base64_dec~ode($_REQ~UEST[1]));", "Webshell_PHP_Direct_Input"),
        Sample.Text("php backticks", "<?= `$_GE~T[0]` ?>", "Webshell_PHP_Direct_Input"),
        Sample.Text("php raw body", "<?php ev~al(file_get_con~tents('php://in~put'));", "Webshell_PHP_Direct_Input"),
        Sample.Text("php header", "<?php sys~tem($_SER~VER['HTTP_X_CMD']);", "Webshell_PHP_Direct_Input"),
        Sample.Text("php function named by request", "<?php $_GE~T['f']($_PO~ST['a']);", "Webshell_PHP_Indirect_Call"),
        Sample.Text("php callback", "<?php array_~map('asse~rt', array($_PO~ST['a']));", "Webshell_PHP_Indirect_Call"),
        Sample.Text("php preg_replace e", "<?php preg_rep~lace('/.*/e', $_PO~ST['a'], '');", "Webshell_PHP_Indirect_Call"),
        Sample.Text("php layers", "<?php ev~al(gzin~flate(base64_dec~ode('c3VwcG9zZWQ=')));", "Webshell_PHP_Obfuscated_Chain"),
        Sample.Text("php escaped names", "<?php $f=\"\\x62\\x61\\x73~\\x65\\x36\\x34_decode\"; ev~al($f($k));", "Webshell_PHP_Obfuscated_Chain"),
        Sample.Text("php GLOBALS in hex", "<?php ${\"\\x47\\x4c~\\x4f\\x42\\x41\\x4c\\x53\"}[\"a\"]=1;", "Webshell_PHP_Obfuscated_Chain"),
        Sample.Text("php by name", "<?php /* b37~4k 3.2 */ $p=$_PO~ST['p']; if($p) { pass~thru(escapeshellcmd($p)); }", "Webshell_PHP_Known_Family"),
        Sample.Text("behinder", "<?php $k=\"e45e329feb5~d925b\";$_SESS~ION['k']=$k;$post=file_get_contents(\"php://in~put\");for($i=0;$i<strlen($post);$i++){$post[$i]=$post[$i]^$k[$i+1&15];}ev~al($params);",
            "Webshell_PHP_Behinder_Godzilla", "Webshell_PHP_Known_Family"),
        Sample.Text("gif with php", "GIF89a\u0001\u0002<?php ev~al($_PO~ST['a']);?>", "Webshell_PHP_Direct_Input", "Webshell_PHP_In_Image"),
        new Sample("png with php behind its data", [0x89, .. "PNG\r\n\u001a\n"u8, .. new byte[9000], .. Sample.Bytes("<?php inc~lude('x');?>")], ["Webshell_PHP_In_Image"]),
        Sample.Text("htaccess", "Options +ExecCGI\nAddType application/x-http~d-php .jpg .png\n", "Webshell_Htaccess_Handler"),
        Sample.Text("htaccess FilesMatch", "<FilesMatch \"\\.(jpg|png)$\">\n SetHandler application/x-http~d-php\n</FilesMatch>\n", "Webshell_Htaccess_Handler"),
        Sample.Text("jsp direct", "<% Runtime.getRun~time().ex~ec(request.getPara~meter(\"c\")); %>", "Webshell_JSP"),
        Sample.Text("jsp with output", "<%@ page import=\"java.io.*\" %><% String c=request.getPara~meter(\"c\"); Process p=Runtime.getRun~time().ex~ec(new String[]{\"/bin/~sh\",\"-c\",c}); InputStream i=p.getInput~Stream(); %>", "Webshell_JSP"),
        Sample.Text("jsp class loader", "<%!class U extends Class~Loader{Class g(byte[] b){return super.define~Class(b,0,b.length);}}%><% Cipher c=Cipher.getIns~tance(\"AES\"); request.get~Reader(); %>", "Webshell_JSP"),
        Sample.Text("asp one line", "<%ev~al request(\"a\")%>", "Webshell_ASPX"),
        Sample.Text("aspx jscript", "<%@ Page Language=\"Jscript\"%><%ev~al(Request.It~em[\"a\"],\"uns~afe\");%>", "Webshell_ASPX"),
        Sample.Text("aspx command", "<%@ Page Language=\"C#\" %><% var i=new ProcessStart~Info(\"cm~d.exe\", \"/c \"+Request.For~m[\"c\"]); i.RedirectStandard~Output=true; %>", "Webshell_ASPX"),
        Sample.Text("flask", "from flask import request\n@app.route('/x')\ndef x():\n    return os.po~pen(request.ar~gs.get('c')).read()\n", "Webshell_Python_Perl_Node"),
        Sample.Text("perl cgi", "#!/usr/bin/perl\nuse CGI;my $q=CGI->new;print $q->header;sys~tem($q->pa~ram('c'));\n", "Webshell_Python_Perl_Node"),
        Sample.Text("node", "app.get('/x',(req,res)=>{require('child_pro~cess').ex~ec(req.qu~ery.c)});\n", "Webshell_Python_Perl_Node"),
    ];
}
