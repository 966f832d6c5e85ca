#!/usr/bin/env bash
# Makes clean-windows.qcow2: a Windows server on which nothing is wrong. Usage: make.sh [OUTPUT] (as root)
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=samples/tools/windows.sh
. "$here/../tools/windows.sh"

# shellcheck disable=SC2034 # used by windows.sh
HOST=FS01 DOMAIN=corp.example PRODUCT='Windows Server 2022 Standard' BUILD=20348 UBR=2113 RELEASE=21H2
volume 24
windows
encoded() { printf %s "$1" | iconv -t UTF-16LE | base64 -w 0; }

# Usual software, with services, Run entries and tasks of its own.
for name in '/Program Files/VMware/VMware Tools/vmtoolsd.exe' '/Program Files/VMware/VMware Tools/VMware VGAuth/VGAuthService.exe' '/Program Files/Google/Chrome/Application/chrome.exe' \
  '/Program Files (x86)/Google/Update/GoogleUpdate.exe' '/Program Files/Microsoft SQL Server/MSSQL15.MSSQLSERVER/MSSQL/Binn/sqlservr.exe' '/Program Files/Docker/dockerd.exe' \
  '/ProgramData/Microsoft/Windows Defender/Platform/4.18.24010.12-0/MsMpEng.exe' /Windows/CCM/CcmExec.exe /Users/alice/AppData/Local/Microsoft/Teams/Update.exe; do
  pe "$name" --signed
done
task GoogleUpdateTaskMachineUA 'C:\Program Files (x86)\Google\Update\GoogleUpdate.exe' '/ua /installsource scheduler' S-1-5-18 - false true PT1H
task 'Microsoft\Configuration Manager\Configuration Manager Health Evaluation' 'C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe' \
  "-NoProfile -NonInteractive -ExecutionPolicy Bypass -EncodedCommand $(encoded 'Get-CimInstance Win32_OperatingSystem | Out-File C:\Windows\CCM\Logs\os.txt')" S-1-5-18 Microsoft

# What the administrators left.
put /Scripts/backup.ps1 <<<'Compress-Archive -Path D:\Data -DestinationPath D:\Backup\data.zip'
put /Scripts/cleanup.cmd <<<'forfiles /p C:\Windows\Temp /s /d -30 /c "cmd /c del @path"'
task 'Nightly backup' powershell.exe '-NoProfile -ExecutionPolicy Bypass -File C:\Scripts\backup.ps1' SYSTEM 'CORP\admin'
task 'Clean up' cmd.exe '/c C:\Scripts\cleanup.cmd' SYSTEM 'CORP\admin'
put /Users/alice/Downloads/setup.txt <<<'Notes for the installation.'
printf '[ZoneTransfer]\r\nZoneId=3\r\nHostUrl=https://example.org/setup.txt\r\n' >"$C/Users/alice/Downloads/setup.txt:Zone.Identifier"
pe /Users/alice/AppData/Local/Temp/vc_redist.x64.exe --signed
subscriptions
account alice:1001:210:220
account svc-backup:1002:210:221:'Runs the nightly backup'
hives "$here" 1780300800

disk "${1:-$here/clean-windows.qcow2}"
