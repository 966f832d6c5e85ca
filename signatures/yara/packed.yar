/*
    Packed programs. Being packed is no proof: it is common in malware and rare in a distribution's own files.
    Copyright The deadbox authors. Licence: Apache-2.0.
*/

rule Packed_UPX
{
    meta:
        author = "deadbox"
        description = "ELF program packed with UPX"
        severity = "low"
        category = "evasion"
        technique = "T1027.002"
        reference = "https://upx.github.io/"
        false_positives = "some vendors and Go tools ship packed programs"
    strings:
        $magic = "UPX!" ascii
    condition:
        uint32(0) == 0x464c457f and $magic in (0..1024)
}

rule Packed_UPX_Altered_Magic
{
    meta:
        author = "deadbox"
        description = "ELF program packed with UPX whose magic was replaced so that upx -d refuses it"
        severity = "high"
        category = "evasion"
        technique = "T1027.002"
        reference = "https://github.com/upx/upx/blob/devel/src/stub/src/include/linux.h"
        false_positives = "none known"
    condition:
        // After the program headers UPX writes l_info (checksum, magic, size, version, format) and p_info (program id 0, file size, block size).
        // 64 bit: formats 22 (x86-64) and 42 (arm64). 32 bit: 12 (i386), 23 (arm), 30 (mips), 32 (mipsel).
        uint32(0) == 0x464c457f and filesize > 4KB and
        (
            (uint8(4) == 2 and uint16(0x38) > 0 and uint16(0x38) < 8
                and uint32(0x44 + 56 * uint16(0x38)) != 0x21585055
                and uint8(0x4a + 56 * uint16(0x38)) >= 11 and uint8(0x4a + 56 * uint16(0x38)) <= 15
                and (uint8(0x4b + 56 * uint16(0x38)) == 22 or uint8(0x4b + 56 * uint16(0x38)) == 42)
                and uint32(0x4c + 56 * uint16(0x38)) == 0
                and uint32(0x50 + 56 * uint16(0x38)) == uint32(0x54 + 56 * uint16(0x38))
                and uint32(0x50 + 56 * uint16(0x38)) > filesize)
            or
            (uint8(4) == 1 and uint16(0x2c) > 0 and uint16(0x2c) < 8
                and uint32(0x38 + 32 * uint16(0x2c)) != 0x21585055
                and uint8(0x3e + 32 * uint16(0x2c)) >= 11 and uint8(0x3e + 32 * uint16(0x2c)) <= 15
                and (uint8(0x3f + 32 * uint16(0x2c)) == 12 or uint8(0x3f + 32 * uint16(0x2c)) == 23
                    or uint8(0x3f + 32 * uint16(0x2c)) == 30 or uint8(0x3f + 32 * uint16(0x2c)) == 32)
                and uint32(0x40 + 32 * uint16(0x2c)) == 0
                and uint32(0x44 + 32 * uint16(0x2c)) == uint32(0x48 + 32 * uint16(0x2c))
                and uint32(0x44 + 32 * uint16(0x2c)) > filesize)
        )
}

rule Packed_UPX_Rocke_Magic
{
    meta:
        author = "deadbox"
        description = "ELF program packed with UPX under the magic LSD!, as the Rocke group does"
        severity = "critical"
        category = "malware"
        technique = "T1027.002"
        reference = "https://attack.mitre.org/groups/G0106/"
        false_positives = "none known"
    strings:
        $magic = "LSD!" ascii
    condition:
        uint32(0) == 0x464c457f and $magic in (0..512)
}
