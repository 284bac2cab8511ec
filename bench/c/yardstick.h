/*
 * What the engine's data path is measured against: the same work in C, over the same library (Intel's ipsec-mb).
 *
 * One tunnel SA for each algorithm, IPv4 in IPv4. Packets lie in slabs laid out as the engine's are, 64 in a batch, and
 * are copied into them first:
 *
 *   slab   |  headroom 1024  |  packet  |  tailroom  |
 *
 * Not made to look slow: no layers, no function pointers but the library's, no allocation, one pass per packet where the
 * algorithm allows it. Not made to look fast either: what a gateway must look at is looked at (lengths, fragments,
 * selectors, limits, windows, padding), and what must be counted is counted.
 */
#ifndef YARDSTICK_H
#define YARDSTICK_H

#define LINUX 1 /* or the header forgets the alignment of keys that the library relies on */
#include <intel-ipsec-mb.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum {
    BATCH = 64,
    HEADROOM = 1024,
    SLAB = 2 * HEADROOM + 65576,
    IP = 20, /* header without options */
    ESP = 8, /* SPI and sequence number */
    ICV = 16,
    WINDOW_BLOCKS = 17, /* of 64 bits; one is always unused: a window of 1024 (RFC 6479) */
    LARGEST = 9000
};

struct packet {
    uint8_t *slab;
    uint32_t start, length;
};

/* One SA with the tunnel it ends. What every packet touches comes first. */
struct sa {
    uint32_t spi, source, destination; /* as on the wire */
    uint32_t outer_sum;                /* of the words of `outer` that no packet changes */
    uint64_t sent;                     /* last sequence number */
    uint64_t iv;                       /* last explicit IV of a counter mode */
    uint64_t packets, octets, used_at;
    uint64_t most_packets, most_octets, dies_at;
    uint64_t highest; /* received */
    uint64_t window[WINDOW_BLOCKS];
    uint8_t outer[IP];
    uint32_t salt;
    struct gcm_key_data gcm;
    DECLARE_ALIGNED(uint8_t cbc_keys[16 * 15], 16);
    DECLARE_ALIGNED(uint8_t cbc_decrypting[16 * 15], 16);
    DECLARE_ALIGNED(uint8_t ipad[32], 16);
    DECLARE_ALIGNED(uint8_t opad[32], 16);
};

extern IMB_MGR *mgr;
extern uint64_t now; /* seconds; the engine's clock stands still in the benchmark too */
extern struct sa sas[3];
enum { SA_GCM, SA_CBC, SA_AH };

/* main.c: exact selectors by hash, as (source, destination); SAs as (SPI, destination). Null if there is none. */
struct sa *eroute_to(uint32_t source, uint32_t destination);
struct sa *sa_with(uint32_t spi, uint32_t destination);

/* gcm.c: true if it may go on its way. */
bool gcm_encapsulate(struct packet *packet);
bool gcm_decapsulate(struct packet *packet);

/* burst.c: how many of the batch may go on their way. */
int cbc_encapsulate(struct packet *batch, int count);
int ah_protect(struct packet *batch, int count);
void cbc_key(struct sa *sa, const uint8_t *cipher_key, const uint8_t *hmac_key);
void hmac_key(struct sa *sa, const uint8_t *key);

static inline uint16_t get16(const uint8_t *at) { return (uint16_t)(at[0] << 8 | at[1]); }
static inline void put16(uint8_t *at, uint32_t value) { value = __builtin_bswap16((uint16_t)value); memcpy(at, &value, 2); }
static inline uint32_t wire32(const uint8_t *at) { uint32_t v; memcpy(&v, at, 4); return v; }

/* The next three are the beginning and end of every encapsulation. */

/* Whether it is a whole IPv4 packet without options; what the link padded behind it is cut off. */
static inline bool whole_packet(struct packet *packet)
{
    const uint8_t *ip = packet->slab + packet->start;
    if (packet->length < IP || ip[0] != 0x45) return false;
    uint32_t total = get16(ip + 2);
    if (total < IP || total > packet->length || (get16(ip + 6) & 0x3fff)) return false;
    packet->length = total;
    return true;
}

static inline bool may_send(const struct sa *sa)
{
    return sa->sent < UINT32_MAX && sa->packets < sa->most_packets && sa->octets < sa->most_octets && now < sa->dies_at;
}

static inline void count_use(struct sa *sa, uint32_t octets)
{
    sa->packets++;
    sa->octets += octets;
    sa->used_at = now;
}

/* Outer header of `length` octets in front of an inner one with these service bits (RFC 6040: ECN is copied). */
static inline void outer_header(const struct sa *sa, uint8_t *at, uint32_t length, uint8_t service, uint16_t id)
{
    memcpy(at, sa->outer, IP);
    at[1] = service;
    put16(at + 2, length);
    put16(at + 4, id);
    uint32_t sum = sa->outer_sum + service + length + id;
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    put16(at + 10, ~sum);
}

/* Padding 1, 2, 3, ..., its length, next header (RFC 4303 2.4); returns the octets of the whole trailer. */
static inline uint32_t trailer(uint8_t *at, uint32_t payload, uint32_t block)
{
    uint32_t padding = -(payload + 2) & (block - 1);
    for (uint32_t i = 0; i < padding; i++) at[i] = (uint8_t)(i + 1);
    at[padding] = (uint8_t)padding;
    at[padding + 1] = 4; /* IPv4 */
    return padding + 2;
}

#endif
