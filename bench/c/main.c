/*
 * The yardstick as a process beside the benchmark: reads commands, one a line, answers each with a line that begins with
 * "ok" or "error". Times are nanoseconds of this thread's CPU for one packet.
 *
 *   version                              of the library, and which of its code this machine gets
 *   key gcm KEY+SALT                     in hexadecimal digits; sequence numbers begin again
 *   key cbc KEY HMAC-KEY
 *   key ah HMAC-KEY
 *   encap gcm|cbc OCTETS PACKETS         copy into the slab, encapsulate
 *   both gcm OCTETS PACKETS              copy, encapsulate, decapsulate
 *   ah OCTETS PACKETS                    AH over IPv4 packets that lie in their slabs already
 *   gcm OCTETS PACKETS                   the cipher alone, in place
 *   copy OCTETS PACKETS                  into the slab, and nothing else
 *   protect gcm|cbc PACKET               one packet, to compare with ours
 *   peel gcm PACKET
 */
#include "yardstick.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

IMB_MGR *mgr;
uint64_t now = 1;
struct sa sas[3];

static struct packet batch[BATCH];
static uint8_t clear[BATCH][LARGEST];
static struct sa *sending; /* the SA that the eroute leads to at present */

static const uint8_t WEST[4] = {192, 0, 2, 1}, EAST[4] = {192, 0, 2, 2}, HOST[4] = {10, 1, 0, 5}, PEER[4] = {10, 2, 0, 7};

void secret_octets(uint8_t *to, size_t count)
{
    if (getrandom(to, count, 0) != (ssize_t)count) abort();
}

/* ---- Tables: open addressing, a power of two of slots, a few other entries in them. ---- */

enum { SLOTS = 4096, OTHERS = 1000 };
struct slot {
    uint64_t key;
    struct sa *sa;
};
static struct slot eroutes[SLOTS], sad[SLOTS];

static inline struct slot *slot_of(struct slot *table, uint64_t key)
{
    uint32_t at = (uint32_t)(key * UINT64_C(0x9e3779b97f4a7c15) >> 52);
    while (table[at].sa && table[at].key != key) at = (at + 1) & (SLOTS - 1);
    return &table[at];
}

static inline uint64_t pair(uint32_t high, uint32_t low) { return (uint64_t)high << 32 | low; }
struct sa *eroute_to(uint32_t source, uint32_t destination) { return slot_of(eroutes, pair(source, destination))->sa; }
struct sa *sa_with(uint32_t spi, uint32_t destination) { return slot_of(sad, pair(spi, destination))->sa; }

static void put(struct slot *table, uint64_t key, struct sa *sa) { *slot_of(table, key) = (struct slot){key, sa}; }

/* ---- Setting up. ---- */

static void make_sa(struct sa *sa, uint32_t spi)
{
    sa->spi = __builtin_bswap32(spi);
    sa->source = wire32(WEST);
    sa->destination = wire32(EAST);
    sa->most_packets = sa->most_octets = sa->dies_at = UINT64_MAX;
    uint8_t *ip = sa->outer;
    ip[0] = 0x45;
    ip[8] = 64;
    ip[9] = 50;
    memcpy(ip + 12, WEST, 4);
    memcpy(ip + 16, EAST, 4);
    for (int i = 0; i < IP; i += 2) sa->outer_sum += get16(ip + i);
    put(sad, pair(sa->spi, sa->destination), sa);
}

static void make_tables(void)
{
    for (uint32_t i = 0; i < OTHERS; i++) { /* nobody's packets go there */
        put(eroutes, pair(wire32(HOST), 0x01010101 * i), &sas[SA_AH]);
        put(sad, pair(0x12345678 * (i + 1), wire32(EAST)), &sas[SA_AH]);
    }
    make_sa(&sas[SA_GCM], 0x101);
    make_sa(&sas[SA_CBC], 0x101);
    make_sa(&sas[SA_AH], 0x102);
}

/* An SA of this algorithm, new: numbers begin again. */
static void use(struct sa *sa)
{
    if (sending == sa) return;
    sending = sa;
    put(eroutes, pair(wire32(HOST), wire32(PEER)), sa);
    put(sad, pair(sa->spi, sa->destination), sa);
}

static void begin_numbers(struct sa *sa)
{
    sa->sent = sa->highest = 0;
    memset(sa->window, 0, sizeof sa->window);
}

static void make_clear(uint32_t octets)
{
    for (int i = 0; i < BATCH; i++) {
        uint8_t *ip = clear[i];
        memset(ip, 0, 28);
        ip[0] = 0x45;
        put16(ip + 2, octets);
        ip[8] = 64;
        ip[9] = 17;
        memcpy(ip + 12, HOST, 4);
        memcpy(ip + 16, PEER, 4);
        put16(ip + 20, 1000);
        put16(ip + 22, 2000);
        put16(ip + 24, octets - IP);
        for (uint32_t j = 28; j < octets; j++) ip[j] = (uint8_t)('a' + rand() % 16);
    }
}

static void load(uint32_t octets)
{
    for (int i = 0; i < BATCH; i++) {
        batch[i].start = HEADROOM;
        batch[i].length = octets;
        memcpy(batch[i].slab + HEADROOM, clear[i], octets);
    }
}

/* ---- The loops. Each does one batch and says how many packets of it went well. ---- */

static int do_copy(uint32_t octets)
{
    load(octets);
    __asm__ volatile("" ::: "memory");
    return BATCH;
}

static int do_gcm_encap(uint32_t octets)
{
    int good = 0;
    load(octets);
    for (int i = 0; i < BATCH; i++) good += gcm_encapsulate(&batch[i]);
    return good;
}

static int do_gcm_both(uint32_t octets)
{
    int good = 0;
    load(octets);
    for (int i = 0; i < BATCH; i++) gcm_encapsulate(&batch[i]);
    for (int i = 0; i < BATCH; i++) good += gcm_decapsulate(&batch[i]);
    return good;
}

static int do_cbc_encap(uint32_t octets)
{
    load(octets);
    return cbc_encapsulate(batch, BATCH);
}

static int do_ah(uint32_t octets)
{
    for (int i = 0; i < BATCH; i++) { /* the header that AH took forward comes back; the rest stays */
        batch[i].start = HEADROOM;
        batch[i].length = octets;
        memcpy(batch[i].slab + HEADROOM, clear[i], IP);
    }
    return ah_protect(batch, BATCH);
}

static int do_gcm(uint32_t octets)
{
    struct sa *sa = &sas[SA_GCM];
    struct gcm_context_data context;
    for (int i = 0; i < BATCH; i++) {
        uint8_t *body = batch[i].slab + HEADROOM, number[12];
        uint64_t iv = ++sa->iv;
        memcpy(number, &sa->salt, 4);
        memcpy(number + 4, &iv, 8);
        IMB_AES128_GCM_ENC(mgr, &sa->gcm, &context, body, body, octets, number, body - ESP, ESP, body + octets, ICV);
    }
    return BATCH;
}

static double cpu_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return 1e9 * (double)t.tv_sec + (double)t.tv_nsec;
}

static void measure(int (*loop)(uint32_t), const char *octets_word, const char *packets_word)
{
    static uint32_t made;
    uint32_t octets = (uint32_t)atoi(octets_word);
    long batches = (atol(packets_word) + BATCH - 1) / BATCH;
    if (octets < 28 || octets > LARGEST - 64 || batches < 1) {
        puts("error octets or packets out of range");
        return;
    }
    if (made != octets) make_clear(made = octets);
    load(octets);
    for (int i = 0; i < 3; i++) begin_numbers(&sas[i]);
    long good = 0;
    double from = cpu_ns();
    for (long i = 0; i < batches; i++) good += loop(octets);
    double took = cpu_ns() - from;
    if (good != BATCH * batches) printf("error %ld of %ld packets went wrong\n", BATCH * batches - good, BATCH * batches);
    else printf("ok %.3f\n", took / (double)(BATCH * batches));
}

/* ---- One packet, for the comparison of octets. ---- */

static int unhex(const char *text, uint8_t *to, int most)
{
    int count = 0;
    for (; text[0] && text[1] && count < most; text += 2) {
        unsigned octet;
        if (sscanf(text, "%2x", &octet) != 1) return -1;
        to[count++] = (uint8_t)octet;
    }
    return text[0] ? -1 : count;
}

static void single(bool (*how)(struct packet *), const char *hex)
{
    struct packet *packet = &batch[0];
    int length = unhex(hex, packet->slab + HEADROOM, LARGEST);
    packet->start = HEADROOM;
    packet->length = length < 0 ? 0 : (uint32_t)length;
    if (!how(packet)) {
        puts("error refused");
        return;
    }
    fputs("ok ", stdout);
    for (uint32_t i = 0; i < packet->length; i++) printf("%02x", packet->slab[packet->start + i]);
    putchar('\n');
}

static bool single_cbc(struct packet *packet) { return cbc_encapsulate(packet, 1) == 1; }
static bool single_ah(struct packet *packet) { return ah_protect(packet, 1) == 1; }

static void key(const char *algorithm, const char *first, const char *second)
{
    uint8_t a[64], b[64];
    int given = unhex(first, a, sizeof a), more = unhex(second, b, sizeof b);
    for (int i = 0; i < 3; i++) begin_numbers(&sas[i]);
    if (!strcmp(algorithm, "gcm") && given == 20) {
        IMB_AES128_GCM_PRE(mgr, a, &sas[SA_GCM].gcm);
        memcpy(&sas[SA_GCM].salt, a + 16, 4);
        secret_octets((uint8_t *)&sas[SA_GCM].iv, 8);
    } else if (!strcmp(algorithm, "cbc") && given == 16 && more == 32) {
        cbc_key(&sas[SA_CBC], a, b);
    } else if (!strcmp(algorithm, "ah") && given == 32) {
        hmac_key(&sas[SA_AH], a);
    } else {
        puts("error no such key");
        return;
    }
    puts("ok");
}

static void obey(char *words[4])
{
    const char *what = words[0], *which = words[1];
    bool gcm = !strcmp(which, "gcm"), cbc = !strcmp(which, "cbc");
    use(&sas[cbc ? SA_CBC : SA_GCM]);
    if (!strcmp(what, "version")) printf("ok ipsec-mb %s, code for architecture %u\n", imb_get_version_str(), mgr->used_arch);
    else if (!strcmp(what, "key")) key(which, words[2], words[3]);
    else if (!strcmp(what, "encap") && gcm) measure(do_gcm_encap, words[2], words[3]);
    else if (!strcmp(what, "encap") && cbc) measure(do_cbc_encap, words[2], words[3]);
    else if (!strcmp(what, "both") && gcm) measure(do_gcm_both, words[2], words[3]);
    else if (!strcmp(what, "ah")) measure(do_ah, words[1], words[2]);
    else if (!strcmp(what, "gcm")) measure(do_gcm, words[1], words[2]);
    else if (!strcmp(what, "copy")) measure(do_copy, words[1], words[2]);
    else if (!strcmp(what, "protect") && gcm) single(gcm_encapsulate, words[2]);
    else if (!strcmp(what, "protect") && cbc) single(single_cbc, words[2]);
    else if (!strcmp(what, "protect") && !strcmp(which, "ah")) single(single_ah, words[2]);
    else if (!strcmp(what, "peel") && gcm) single(gcm_decapsulate, words[2]);
    else puts("error unknown command");
}

int main(void)
{
    static char line[4 * LARGEST];
    mgr = alloc_mb_mgr(0);
    if (!mgr) return 1;
    init_mb_mgr_auto(mgr, NULL);
    uint8_t *slabs = calloc(BATCH, SLAB);
    if (!slabs) return 1;
    for (int i = 0; i < BATCH; i++) batch[i].slab = slabs + (size_t)i * SLAB;
    make_tables();
    setvbuf(stdout, NULL, _IOLBF, 0);
    while (fgets(line, sizeof line, stdin)) {
        char *words[4] = {"", "", "", ""}, *rest = line;
        for (int i = 0; i < 4; i++) {
            char *word = strtok_r(rest, " \n", &rest);
            if (word) words[i] = word;
        }
        obey(words);
    }
    return 0;
}
