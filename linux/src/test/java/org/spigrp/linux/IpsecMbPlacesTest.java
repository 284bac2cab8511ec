package org.spigrp.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every place, read off the header of each version that is here by the C compiler. */
class IpsecMbPlacesTest {
    private static final Path GCC = Path.of("/usr/bin/gcc");
    /** Where packages are unpacked that this system is not to have; see ./check. */
    private static final String BESIDE = System.getProperty("spigrp.ipsec-mb-2", "");

    /** Ours, and what it is in C; some with how many octets, or numbers of an enum, it is behind a name. */
    private static final String PLACES = """
            ERRNO                   offsetof(IMB_MGR, imb_errno)
            KEY_EXPANSION           offsetof(IMB_MGR, keyexp_128)
            KEY_EXPANSION+8         offsetof(IMB_MGR, keyexp_192)
            KEY_EXPANSION+16        offsetof(IMB_MGR, keyexp_256)
            CMAC_SUBKEYS            offsetof(IMB_MGR, cmac_subkey_gen_128)
            XCBC_KEYS               offsetof(IMB_MGR, xcbc_keyexp)
            DES_SCHEDULE            offsetof(IMB_MGR, des_key_sched)
            SHA1_BLOCK              offsetof(IMB_MGR, sha1_one_block)
            SHA256_BLOCK            offsetof(IMB_MGR, sha256_one_block)
            SHA384_BLOCK            offsetof(IMB_MGR, sha384_one_block)
            SHA512_BLOCK            offsetof(IMB_MGR, sha512_one_block)
            MD5_BLOCK               offsetof(IMB_MGR, md5_one_block)
            GCM_ENC                 offsetof(IMB_MGR, gcm128_enc)
            GCM_ENC+8               offsetof(IMB_MGR, gcm192_enc)
            GCM_ENC+16              offsetof(IMB_MGR, gcm256_enc)
            GCM_DEC                 offsetof(IMB_MGR, gcm128_dec)
            GCM_DEC+8               offsetof(IMB_MGR, gcm192_dec)
            GCM_DEC+16              offsetof(IMB_MGR, gcm256_dec)
            GCM_PRE                 offsetof(IMB_MGR, gcm128_pre)
            GCM_PRE+8               offsetof(IMB_MGR, gcm192_pre)
            GCM_PRE+16              offsetof(IMB_MGR, gcm256_pre)
            GET_NEXT_BURST          offsetof(IMB_MGR, get_next_burst)
            SUBMIT_BURST            offsetof(IMB_MGR, submit_burst_nocheck)
            FLUSH_BURST             offsetof(IMB_MGR, flush_burst)
            SUBMIT_CIPHER_BURST     offsetof(IMB_MGR, submit_cipher_burst_nocheck)
            SUBMIT_HASH_BURST       offsetof(IMB_MGR, submit_hash_burst_nocheck)
            JOB_ENC_KEYS            offsetof(IMB_JOB, enc_keys)
            JOB_DEC_KEYS            offsetof(IMB_JOB, dec_keys)
            JOB_KEY_LENGTH          offsetof(IMB_JOB, key_len_in_bytes)
            JOB_SOURCE              offsetof(IMB_JOB, src)
            JOB_DESTINATION         offsetof(IMB_JOB, dst)
            JOB_CIPHER_OFFSET       offsetof(IMB_JOB, cipher_start_src_offset_in_bytes)
            JOB_CIPHER_LENGTH       offsetof(IMB_JOB, msg_len_to_cipher_in_bytes)
            JOB_HASH_OFFSET         offsetof(IMB_JOB, hash_start_src_offset_in_bytes)
            JOB_HASH_LENGTH         offsetof(IMB_JOB, msg_len_to_hash_in_bytes)
            JOB_IV                  offsetof(IMB_JOB, iv)
            JOB_IV_LENGTH           offsetof(IMB_JOB, iv_len_in_bytes)
            JOB_TAG                 offsetof(IMB_JOB, auth_tag_output)
            JOB_TAG_LENGTH          offsetof(IMB_JOB, auth_tag_output_len_in_bytes)
            JOB_HASH_FIELDS         offsetof(IMB_JOB, u.HMAC._hashed_auth_key_xor_ipad)
            JOB_HASH_FIELDS+8       offsetof(IMB_JOB, u.HMAC._hashed_auth_key_xor_opad)
            JOB_HASH_FIELDS         offsetof(IMB_JOB, u.XCBC._k1_expanded)
            JOB_HASH_FIELDS+8       offsetof(IMB_JOB, u.XCBC._k2)
            JOB_HASH_FIELDS+16      offsetof(IMB_JOB, u.XCBC._k3)
            JOB_HASH_FIELDS         offsetof(IMB_JOB, u.CMAC._key_expanded)
            JOB_HASH_FIELDS+8       offsetof(IMB_JOB, u.CMAC._skey1)
            JOB_HASH_FIELDS+16      offsetof(IMB_JOB, u.CMAC._skey2)
            JOB_HASH_FIELDS         offsetof(IMB_JOB, u.GMAC._key)
            JOB_HASH_FIELDS+8       offsetof(IMB_JOB, u.GMAC._iv)
            JOB_HASH_FIELDS+16      offsetof(IMB_JOB, u.GMAC.iv_len_in_bytes)
            JOB_HASH_FIELDS         offsetof(IMB_JOB, u.CHACHA20_POLY1305.aad)
            JOB_HASH_FIELDS+8       offsetof(IMB_JOB, u.CHACHA20_POLY1305.aad_len_in_bytes)
            JOB_STATUS              offsetof(IMB_JOB, status)
            JOB_CIPHER_MODE         offsetof(IMB_JOB, cipher_mode)
            JOB_DIRECTION           offsetof(IMB_JOB, cipher_direction)
            JOB_HASH                offsetof(IMB_JOB, hash_alg)
            JOB_ORDER               offsetof(IMB_JOB, chain_order)
            JOB_SGL_STATE           offsetof(IMB_JOB, sgl_state)
            STATUS_COMPLETED        IMB_STATUS_COMPLETED
            CIPHER_CBC              IMB_CIPHER_CBC
            CIPHER_CTR              IMB_CIPHER_CNTR
            CIPHER_NULL             IMB_CIPHER_NULL
            CIPHER_DES3             IMB_CIPHER_DES3
            CIPHER_CHACHA20_POLY1305 IMB_CIPHER_CHACHA20_POLY1305
            ENCRYPT                 IMB_DIR_ENCRYPT
            DECRYPT                 IMB_DIR_DECRYPT
            HASH_SHA1               IMB_AUTH_HMAC_SHA_1
            HASH_SHA256             IMB_AUTH_HMAC_SHA_256
            HASH_SHA384             IMB_AUTH_HMAC_SHA_384
            HASH_SHA512             IMB_AUTH_HMAC_SHA_512
            HASH_XCBC               IMB_AUTH_AES_XCBC
            HASH_MD5                IMB_AUTH_MD5
            HASH_NULL               IMB_AUTH_NULL
            HASH_CMAC               IMB_AUTH_AES_CMAC
            HASH_GMAC               IMB_AUTH_AES_GMAC_128
            HASH_GMAC+1             IMB_AUTH_AES_GMAC_192
            HASH_GMAC+2             IMB_AUTH_AES_GMAC_256
            HASH_CHACHA20_POLY1305  IMB_AUTH_CHACHA20_POLY1305
            CIPHER_THEN_HASH        IMB_ORDER_CIPHER_HASH
            HASH_THEN_CIPHER        IMB_ORDER_HASH_CIPHER
            """;

    /** Prints what is asked; and is compiled only if the functions take what IpsecMbCalls gives them. */
    private static final String PROGRAM = """
            #include <stddef.h>
            #include <stdio.h>
            #include <intel-ipsec-mb.h>
            #if IMB_VERSION_NUM < 0x20000
            #define SUITE 0
            #else
            #define SUITE offsetof(IMB_JOB, suite_id)
            _Static_assert(__builtin_types_compatible_p(__typeof__(imb_set_session), uint32_t(IMB_MGR *, IMB_JOB *)), "");
            #endif
            void shapes(IMB_MGR *m) {
                void (*gcm)(const struct gcm_key_data *, struct gcm_context_data *, uint8_t *, const uint8_t *, uint64_t,
                    const uint8_t *, const uint8_t *, uint64_t, uint8_t *, uint64_t) = m->gcm128_enc;
                gcm = m->gcm256_dec;
                void (*pre)(const void *, struct gcm_key_data *) = m->gcm128_pre;
                void (*expand)(const void *, void *, void *) = m->keyexp_128;
                expand = m->cmac_subkey_gen_128;
                void (*xcbc)(const void *, void *, void *, void *) = m->xcbc_keyexp;
                int (*des)(uint64_t *, const void *) = m->des_key_sched;
                void (*block)(const void *, void *) = m->sha256_one_block;
                uint32_t (*burst)(IMB_MGR *, uint32_t, IMB_JOB **) = m->get_next_burst;
                burst = m->submit_burst_nocheck;
                burst = m->flush_burst;
                uint32_t (*ciphers)(IMB_MGR *, IMB_JOB *, uint32_t, IMB_CIPHER_MODE, IMB_CIPHER_DIRECTION,
                    IMB_KEY_SIZE_BYTES) = m->submit_cipher_burst_nocheck;
                uint32_t (*hashes)(IMB_MGR *, IMB_JOB *, uint32_t, IMB_HASH_ALG) = m->submit_hash_burst_nocheck;
                (void)gcm, (void)pre, (void)expand, (void)xcbc, (void)des, (void)block, (void)burst, (void)ciphers;
                (void)hashes;
            }
            int main(void) {
            """;

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"1.3", "2.0"})
    void what_is_written_down_is_what_the_header_says(String name) throws Exception {
        IpsecMbVersion version = IpsecMbVersion.KNOWN.stream()
                .filter(known -> known.toString().equals(name))
                .findFirst()
                .orElseThrow();
        Map<String, Integer> expected = new LinkedHashMap<>();
        for (String line : PLACES.lines().toList()) {
            String[] words = line.split(" +", 2);
            expected.put(words[1], place(words[0]));
        }
        expected.put("IMB_VERSION_NUM >> 8", version.number());
        expected.put("sizeof(IMB_MGR)", version.managerOctets());
        expected.put("sizeof(IMB_JOB)", version.jobOctets());
        expected.put("SUITE", version.jobSuite());
        expected.put("sizeof(struct gcm_key_data)", version.gcmKeyOctets());
        expected.put("offsetof(struct gcm_key_data, ghash_keys)", version.gcmTableEnd(0));
        assertThat(said(header(version), expected.keySet())).isEqualTo(expected);
    }

    @Test
    void all_versions_and_all_places_are_looked_at() {
        assertThat(IpsecMbVersion.KNOWN).extracting(Object::toString).containsExactly("1.3", "2.0");
        Set<String> looked = new HashSet<>();
        PLACES.lines().forEach(line -> looked.add(line.split("[ +]", 2)[0]));
        assertThat(IpsecMbPlaces.class.getDeclaredFields())
                .extracting(Field::getName)
                .containsExactlyInAnyOrderElementsOf(looked);
    }

    private static int place(String text) throws ReflectiveOperationException {
        String[] words = text.split("\\+", 2);
        int place = IpsecMbPlaces.class.getDeclaredField(words[0]).getInt(null);
        return words.length == 1 ? place : place + Integer.parseInt(words[1]);
    }

    /** The directory with the header of this version. */
    private static Path header(IpsecMbVersion version) throws IOException {
        assumeTrue(Files.isExecutable(GCC), "no C compiler (" + GCC + ")");
        for (Path directory : List.of(Path.of("/usr/include"), Path.of(BESIDE, "usr/include"))) {
            Path header = directory.resolve("intel-ipsec-mb.h");
            String line = "#define IMB_VERSION_STR \"" + version + ".";
            if (Files.exists(header) && Files.readString(header).contains(line)) {
                return directory;
            }
        }
        return abort("no header of ipsec-mb " + version + " (package libipsec-mb-dev; see ./check)");
    }

    private Map<String, Integer> said(Path include, Set<String> expressions) throws Exception {
        var source = new StringBuilder(PROGRAM);
        for (String expression : expressions) {
            source.append("    printf(\"%d\\n\", (int)(").append(expression).append("));\n");
        }
        Path program = folder.resolve("places");
        Path file = Files.writeString(folder.resolve("places.c"), source.append("}\n"));
        run(GCC.toString(), "-Werror", "-I" + include, "-o", program.toString(), file.toString());
        List<String> lines = run(program.toString());
        Map<String, Integer> said = new LinkedHashMap<>();
        for (String expression : expressions) {
            said.put(expression, Integer.valueOf(lines.get(said.size())));
        }
        return said;
    }

    private static List<String> run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        List<String> lines = new ArrayList<>(process.inputReader().lines().toList());
        assertThat(process.waitFor()).as("%s", lines).isZero();
        return lines;
    }
}
