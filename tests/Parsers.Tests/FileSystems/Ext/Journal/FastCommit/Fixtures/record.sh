#!/bin/bash
# Makes an ext4 image whose journal ends in fast commits, and the listing of it that the kernel gives after its own replay. Needs root and loop devices.
#
#   record.sh FOLDER STEPS MEBIBYTES MKE2FS-OPTION...
#
# FOLDER gets   image        the backing file, copied while it was mounted
#               live.tsv     every file as the mounted file system showed it when it was copied
#               kernel.tsv   every file after the kernel's replay of a copy; a time later than the copy is the kernel's own clock and stands as "!"
#               fast_commits how many fast commits the kernel says it wrote since the last full commit
#               refused      the kernel's words when it would not mount the copy (kernel.tsv is missing then, and where a mount is not tried, see record)
# "record.sh FOLDER fixtures" makes the committed ones: NAME.img.gz is image, and NAME.* what is beside it.
set -eu

write() { yes "$2" | head -c "$3" > "$1"; }            # file, word, bytes
append() { yes "$2" | head -c "$3" >> "$1"; }
# One commit: the anchor changes and is flushed, which takes along the names that changed before; content only of the files given here.
commit() { flush anchor "$@"; echo x >> anchor; flush anchor; }
full_commit() { sync -f .; count; }
flush() { for file in "$@"; do sync "$file"; count; done; }
# Fast commits since the last full one, which the kernel turns to by itself where a change is not eligible or the area is full.
count() {
    local now full
    now=$(awk '/commits$/ { print $1; exit }' "/proc/fs/ext4/$device/fc_info")
    full=$(awk '/transactions/ { print $1; exit }' "/proc/fs/jbd2/$device-8/info")
    if [ "$full" != "${full_before:-}" ]; then full_before=$full; fast_before=$now; fi
    echo $((now - fast_before)) > "$folder/fast_commits"
}

before() {
    mkdir -p kept/deep gone-directory
    for name in appended shortened emptied grown holed overwritten preallocated; do write "$name" "$name" 50000; done
    for name in removed renamed-from replaced replacing linked two-names reused; do write "kept/$name" "$name" 3000; done
    ln kept/two-names kept/second-name
    ln -s kept/removed link
    echo anchor > anchor
    full_commit
}

names() {
    write kept/created created 700; commit kept/created
    ln kept/linked kept/deep/further-name; commit
    rm kept/removed; commit
    mv kept/renamed-from kept/deep/renamed-to; commit
    mv kept/replacing kept/replaced; commit
    rm kept/two-names; commit
    mkdir made; write made/inside inside 100; commit made/inside
    mkdir -p made/a/b/c; write made/a/b/c/leaf leaf 5000; chmod 2750 made/a/b/c/leaf; chown 70000:80000 made/a/b/c/leaf; commit made/a/b/c/leaf
    rm made/inside; commit
    rm kept/reused; write kept/other other 5000; write kept/another another 10; commit kept/other kept/another
    write kept/created again 900; mv kept/created kept/moved; commit kept/moved
    write passing passing 10; rm passing; write passed passed 10; commit passed
    rmdir gone-directory; commit
    touch -d '2040-01-02 03:04:05.678901234' kept/linked; chmod 4711 kept/linked; commit
}

content() {
    append appended more 30001; commit appended
    truncate -s 5000 shortened; commit shortened
    truncate -s 0 emptied; write emptied new 2000; commit emptied
    truncate -s 300000 grown; commit grown
    append grown tail 20; commit grown
    fallocate -p -o 8192 -l 20480 holed; commit holed
    yes overwritten-in-place | head -c 9000 | dd of=overwritten bs=1000 seek=7 conv=notrunc status=none; commit overwritten
    for i in 1 3 5 7 9 11 13 15 17; do yes "piece $i" | head -c 4096 | dd of=pieces bs=4096 seek=$i conv=notrunc status=none; commit pieces; done
    fallocate -p -o 20480 -l 4096 pieces; commit pieces
    truncate -s 30000 pieces; truncate -s 80000 pieces; commit pieces
    write large large 1000000; commit large
    rm large; write large smaller 100000; commit large
}

# Blocks that are taken before they are written.
allocation() {
    fallocate -l 400000 preallocated; commit preallocated
    yes into-preallocated | head -c 9000 | dd of=preallocated bs=4096 seek=30 conv=notrunc status=none; commit preallocated
    fallocate -n -l 200000 overwritten; commit overwritten
}

# More records than one block holds, in one fast commit.
many() {
    mkdir many
    for i in $(seq 1 60); do write "many/a-file-with-a-name-that-is-long-enough-to-fill-blocks-$i" "$i" $((i * 100)); done
    commit many/*
    for i in $(seq 1 2 60); do rm "many/a-file-with-a-name-that-is-long-enough-to-fill-blocks-$i"; done
    commit
    for i in $(seq 2 4 60); do mv "many/a-file-with-a-name-that-is-long-enough-to-fill-blocks-$i" "many/$i"; done
    commit
}

# Files that fit the inode, and those that stop to.
inline() {
    mkdir small; echo short > small/60; write small/100 hundred 100; commit small/60 small/100
    write small/grows grows 50; commit small/grows
    append small/grows grows 120; commit small/grows
    append small/grows grows 5000; commit small/grows
    mkdir small/sub; echo leaf > small/sub/leaf; commit small/sub/leaf
    rm small/60; commit
}

# A process removes what it has open.
orphans() {
    exec 8<> kept/removed; rm kept/removed; echo unlinked >&8; commit
    append appended more 100; commit appended
}

# Fast commits, then a full one, then others: only the last count.
rounds() {
    write first first 1000; commit first
    write second second 1000; commit second
    full_commit
    write third third 1000; commit third
    rm first; commit
    full_commit
    write fourth fourth 1000; mv second moved; commit fourth
    append third third 5000; commit third
}

list() {  # folder
    ( cd "$1"
      printf 'path\ttype\tsize\tmd5\tmode\tuid\tgid\tnlink\tinode\tmtime\tctime\tatime\tcrtime\ttarget\n'
      find . -mindepth 1 | LC_ALL=C sort | while IFS= read -r path; do
          md5=
          if [ -f "$path" ] && [ ! -L "$path" ]; then md5=$(md5sum < "$path"); md5=${md5%% *}; fi
          target=$(readlink "$path" || true)
          stat --printf "%n\t%A\t%s\t$md5\t%a\t%u\t%g\t%h\t%i\t%.9Y\t%.9Z\t%.9X\t%.9W\t$target\n" "$path"
      done | awk -F '\t' -v OFS='\t' -v copied="$copied" '
          function clock(t) { return t + 0 > copied + 0 && t + 0 < copied + 3600 ? "!" : t }
          { sub(/^\./, "", $1); $2 = substr($2, 1, 1); sub(/-/, "f", $2); $10 = clock($10); $11 = clock($11); print }' )
}

record() {  # folder steps mebibytes options
    local folder=$1 steps=$2 size=$3; shift 3
    mounted=$(mktemp -d)
    trap 'umount -q "$mounted" || true; rmdir "$mounted"' EXIT
    copied=9999999999
    rm -f "$folder/image"; truncate -s "${size}M" "$folder/image.live"
    mke2fs -q -F -t ext4 -O fast_commit "$@" "$folder/image.live"
    mount -o loop,commit=900 "$folder/image.live" "$mounted"
    device=$(findmnt -no SOURCE "$mounted"); device=${device##*/}
    ( cd "$mounted"; before; for step in ${steps//,/ }; do "$step"; done
      cp --sparse=always "$folder/image.live" "$folder/image"; list "$mounted" > "$folder/live.tsv" )
    umount "$mounted"
    rm "$folder/image.live"
    copied=$(date +%s.%N); sleep 1.1
    # Kernels (6.18 seen) stop with a BUG in the replay of files without extents, and refuse the unlink of a file that was open: not tried then.
    case ",$steps, $*" in *,orphans,* | *^extents*) return ;; esac
    cp --sparse=always "$folder/image" "$folder/replayed"
    if mount -o loop "$folder/replayed" "$mounted" 2> "$folder/refused"; then
        umount "$mounted"
        rm "$folder/refused"
        mount -o loop,ro,noload "$folder/replayed" "$mounted"
        list "$mounted" > "$folder/kernel.tsv"
        umount "$mounted"
    fi
    rm "$folder/replayed"
}

fixtures() {  # folder
    local name steps options made file
    while read -r name steps options; do
        made=$(mktemp -d)
        # shellcheck disable=SC2086
        ( record "$made" "$steps" 8 -N 160 -J size=2,fast_commit_size=256 $options )
        gzip -9nc "$made/image" > "$1/$name.img.gz"
        for file in live.tsv kernel.tsv fast_commits; do
            if [ -f "$made/$file" ]; then mv "$made/$file" "$1/$name.$file"; fi
        done
        rm -r "$made"
    done << 'END'
names names -b 1024 -I 256
content content,allocation -b 1024 -I 256 -O ^metadata_csum
inline inline -b 1024 -I 256 -O inline_data
orphans orphans -b 1024 -I 256
END
}

case "${2:-}" in
    fixtures) fixtures "$1" ;;
    *) record "$@" ;;
esac
