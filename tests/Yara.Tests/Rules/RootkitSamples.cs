namespace Forensics.Yara.Tests.Rules;

/// <summary>Look-alikes for preload_rootkits.yar.</summary>
internal static class RootkitSamples
{
    public static IEnumerable<Sample> All() =>
    [
        Sample.Elf("libprocesshider", 3, "read~dir\ndl~sym\n/proc/self/fd/%d\n/proc/%s/st~at\n%d (%[^)]s\n", "Rootkit_Libprocesshider"),
        Sample.Elf("kinsing libsystem", 3, "dl~sym\nread~dir64\nread~dir\nfopen\nkin~sing\nkdevtm~pfsi\n", "Rootkit_Preload_Miner_Hider"),
        Sample.Elf("preload backdoor", 3, "dl~sym\nld.so.pre~load\n/proc/net/t~cp\nreaddir64\n__lxstat64\nunlinkat\nexecve\npam_authen~ticate\n", "Rootkit_Preload_Backdoor"),
        Sample.Elf("hidden shell marker", 3, "dl~sym\nreaddir\nHIDE_THIS~_SHELL\n", "Rootkit_Preload_Known_Family"),
        Sample.Elf("azazel names", 3, "dl~sym\nreaddir\nis_invis~ible_file\ndrop_~shell\n", "Rootkit_Preload_Known_Family"),
        Sample.Elf("diamorphine", 1, "verm~agic=6.1.0-18-amd64 SMP preempt mod_unload modversions \nname=diamor~phine\n", "Rootkit_LKM_Known_Family"),
        Sample.Elf("reptile", 1, "verm~agic=5.10.0\nreptile~_init\nkhook_find_and~_init\n", "Rootkit_LKM_Known_Family"),
        Sample.Elf("unknown kernel rootkit", 1, "verm~agic=6.1.0\nsys_call~_table\nhook_get~dents64\nmodule_h~ide\ngive_r~oot\n", "Rootkit_LKM_Generic"),
    ];
}
