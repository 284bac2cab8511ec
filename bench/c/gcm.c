/*
 * Tunnel mode ESP with AES-128-GCM (RFC 4106), one packet at a time: the library's direct call needs no batch.
 *
 *   | outer IPv4 20 | SPI 4 | sequence 4 | IV 8 | inner packet, padding, pad length, next header | ICV 16 |
 */
#include "yardstick.h"

enum { IV = 8, FRONT = IP + ESP + IV };

static uint16_t last_id;

/* Salt and explicit IV. */
static inline void nonce(uint8_t to[12], const struct sa *sa, const uint8_t *iv)
{
    memcpy(to, &sa->salt, 4);
    memcpy(to + 4, iv, IV);
}

bool gcm_encapsulate(struct packet *packet)
{
    if (!whole_packet(packet)) return false;
    uint8_t *inner = packet->slab + packet->start;
    struct sa *sa = eroute_to(wire32(inner + 12), wire32(inner + 16));
    if (!sa || !may_send(sa)) return false;

    uint32_t payload = packet->length;
    uint32_t body = payload + trailer(inner + payload, payload, 4);
    uint8_t *outer = inner - FRONT, *esp = outer + IP;
    uint32_t length = FRONT + body + ICV;
    if (packet->start < FRONT || length > 65535) return false;
    outer_header(sa, outer, length, inner[1], ++last_id);
    memcpy(esp, &sa->spi, 4);
    uint32_t sequence = __builtin_bswap32((uint32_t)++sa->sent);
    memcpy(esp + 4, &sequence, 4);
    uint64_t iv = __builtin_bswap64(++sa->iv);
    memcpy(esp + ESP, &iv, IV);

    struct gcm_context_data context;
    uint8_t number[12];
    nonce(number, sa, esp + ESP);
    IMB_AES128_GCM_ENC(mgr, &sa->gcm, &context, inner, inner, body, number, esp, ESP, inner + body, ICV);

    packet->start -= FRONT;
    packet->length = length;
    count_use(sa, length);
    return true;
}

/* RFC 6479: a ring of blocks. Whether the number is new and not too old. */
static inline bool window_accepts(const struct sa *sa, uint64_t number)
{
    if (number == 0) return false;
    if (number > sa->highest) return true;
    if (sa->highest - number >= 64 * (WINDOW_BLOCKS - 1)) return false;
    return !(sa->window[number / 64 % WINDOW_BLOCKS] >> number % 64 & 1);
}

static inline void window_take(struct sa *sa, uint64_t number)
{
    if (number > sa->highest) {
        uint64_t blocks = number / 64 - sa->highest / 64;
        if (blocks > WINDOW_BLOCKS) blocks = WINDOW_BLOCKS;
        for (uint64_t i = 1; i <= blocks; i++) sa->window[(sa->highest / 64 + i) % WINDOW_BLOCKS] = 0;
        sa->highest = number;
    }
    sa->window[number / 64 % WINDOW_BLOCKS] |= UINT64_C(1) << number % 64;
}

static inline bool same_icv(const uint8_t *left, const uint8_t *right)
{
    uint64_t a[2], b[2];
    memcpy(a, left, ICV);
    memcpy(b, right, ICV);
    return ((a[0] ^ b[0]) | (a[1] ^ b[1])) == 0;
}

static inline bool good_padding(const uint8_t *end, uint32_t body)
{
    uint32_t padding = end[-2];
    if (padding + 2 > body) return false;
    const uint8_t *at = end - 2 - padding;
    uint8_t difference = 0;
    for (uint32_t i = 0; i < padding; i++) difference |= (uint8_t)(at[i] ^ (i + 1));
    return difference == 0;
}

bool gcm_decapsulate(struct packet *packet)
{
    if (!whole_packet(packet)) return false;
    uint8_t *outer = packet->slab + packet->start, *esp = outer + IP, *inner = outer + FRONT;
    if (outer[9] != 50 || packet->length < FRONT + 4 + ICV) return false;
    struct sa *sa = sa_with(wire32(esp), wire32(outer + 16));
    if (!sa || wire32(outer + 12) != sa->source || now >= sa->dies_at) return false;
    uint32_t body = packet->length - FRONT - ICV;
    uint64_t number = __builtin_bswap32(wire32(esp + 4));
    if (body % 4 != 0 || !window_accepts(sa, number)) return false;

    struct gcm_context_data context;
    uint8_t number_used[12], icv[ICV];
    nonce(number_used, sa, esp + ESP);
    IMB_AES128_GCM_DEC(mgr, &sa->gcm, &context, inner, inner, body, number_used, esp, ESP, icv, ICV);
    if (!same_icv(icv, inner + body)) return false;
    window_take(sa, number);

    if (!good_padding(inner + body, body) || inner[body - 1] != 4) return false;
    uint8_t service = outer[1];
    packet->start += FRONT;
    packet->length = body - 2 - inner[body - 2];
    if (!whole_packet(packet)) return false;
    if ((service & 3) == 3 && (inner[1] & 3) != 3) return false; /* congestion: the slow path marks the inner packet */
    if (eroute_to(wire32(inner + 12), wire32(inner + 16)) != sa) return false; /* the policy for what comes in */
    count_use(sa, packet->length);
    return true;
}
