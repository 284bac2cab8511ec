package org.spigrp.sa;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.spigrp.wire.Parsed;
import org.spigrp.wire.RandomText;

class AlgorithmNamesTest {
    /** Key lengths are what the user gives: cipher key and salt, as {@code ip xfrm} takes them. */
    @ParameterizedTest
    @CsvSource({
        "3des-md5-96,      3des-md5-96,      DES3_CBC,          24, 16, 12",
        "3des-sha1-96,     3des-sha1-96,     DES3_CBC,          24, 20, 12",
        "3des-sha1,        3des-sha1-96,     DES3_CBC,          24, 20, 12",
        "3des,             3des,             DES3_CBC,          24,  0,  0",
        "3des-sha256,      3des-sha256,      DES3_CBC,          24, 32, 16",
        "aes128-sha1-96,   aes128-sha1,      AES_CBC,           16, 20, 12",
        "aes-sha1,         aes128-sha1,      AES_CBC,           16, 20, 12",
        "aes-sha256-96,    aes128-sha256-96, AES_CBC,           16, 32, 12",
        "aes256-sha256,    aes256-sha256,    AES_CBC,           32, 32, 16",
        "aes192-sha384,    aes192-sha384,    AES_CBC,           24, 48, 24",
        "aes256-sha512,    aes256-sha512,    AES_CBC,           32, 64, 32",
        "aes128-aesxcbc,   aes128-aesxcbc,   AES_CBC,           16, 16, 12",
        "aes128-aescmac,   aes128-aescmac,   AES_CBC,           16, 16, 12",
        "aes128,           aes128,           AES_CBC,           16,  0,  0",
        "aes128ctr-sha256, aes128ctr-sha256, AES_CTR,           20, 32, 16",
        "aesctr-sha1,      aes128ctr-sha1,   AES_CTR,           20, 20, 12",
        "aes128gcm16,      aes128gcm16,      AES_GCM,           20,  0, 16",
        "aes192gcm12,      aes192gcm12,      AES_GCM,           28,  0, 12",
        "aes256gcm8,       aes256gcm8,       AES_GCM,           36,  0,  8",
        "aes128ccm8,       aes128ccm8,       AES_CCM,           19,  0,  8",
        "aes256ccm16,      aes256ccm16,      AES_CCM,           35,  0, 16",
        "chacha20poly1305, chacha20poly1305, CHACHA20_POLY1305, 36,  0, 16",
        "aes128gmac,       aes128gmac,       AES_GMAC,          20,  0, 16",
        "null-sha256,      null-sha256,      NULL,               0, 32, 16",
        "null-md5-96,      null-md5,         NULL,               0, 16, 12",
        "camellia256-sha512, camellia256-sha512, CAMELLIA_CBC,  32, 64, 32",
        "camellia-sha1,    camellia128-sha1, CAMELLIA_CBC,      16, 20, 12",
    })
    void esp(String name, String canonical, EspCipher cipher, int keyOctets, int authOctets, int icvOctets) {
        EspSuite suite = AlgorithmNames.esp(name).orNull();
        assertThat(suite).as(name).isNotNull();
        assertThat(suite.name()).isEqualTo(canonical);
        assertThat(suite.cipher()).isEqualTo(cipher);
        assertThat(suite.givenKeyOctets()).isEqualTo(keyOctets);
        assertThat(suite.authKeyOctets()).isEqualTo(authOctets);
        assertThat(suite.icvOctets()).isEqualTo(icvOctets);
    }

    @ParameterizedTest
    @CsvSource({
        "hmac-md5-96,       HMAC_MD5_96,       16, 12",
        "hmac-sha1-96,      HMAC_SHA1_96,      20, 12",
        "hmac-sha2-256-128, HMAC_SHA2_256_128, 32, 16",
        "hmac-sha2-256-96,  HMAC_SHA2_256_96,  32, 12",
        "hmac-sha2-384-192, HMAC_SHA2_384_192, 48, 24",
        "hmac-sha2-512-256, HMAC_SHA2_512_256, 64, 32",
        "aes-xcbc-96,       AES_XCBC_96,       16, 12",
        "aes-cmac-96,       AES_CMAC_96,       16, 12",
        "aes128gmac,        AES_GMAC,          20, 16",
        "aes192gmac,        AES_GMAC,          28, 16",
        "aes256gmac,        AES_GMAC,          36, 16",
    })
    void ah(String name, Integrity integrity, int keyOctets, int icvOctets) {
        AhSuite suite = AlgorithmNames.ah(name).orNull();
        assertThat(suite).as(name).isNotNull();
        assertThat(suite.name()).isEqualTo(name);
        assertThat(suite.integrity()).isEqualTo(integrity);
        assertThat(suite.givenKeyOctets()).isEqualTo(keyOctets);
        assertThat(suite.icvOctets()).isEqualTo(icvOctets);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "aes128-sh1       | unknown ESP algorithm 'aes128-sh1': did you mean 'aes128-sha1'?",
                "AES128GCM16      | did you mean 'aes128gcm16'?",
                "aes128gcm        | did you mean 'aes128gcm16'?",
                "blowfish         | 'ipsec help spi' lists the names",
                "aes128-sha512-96 | unknown ESP algorithm",
                "aes128gcm16-sha1 | has its own integrity",
                "null             | neither encrypts nor authenticates",
                "aes256ctr        | without integrity is not allowed",
                "des-md5-96       | is broken",
                "aes64-sha1       | unknown ESP algorithm",
                "\"\"               | unknown ESP algorithm",
            })
    void names_of_esp_that_are_refused(String name, String words) {
        assertThat(SaTextLaws.complaint(AlgorithmNames.esp(name))).contains(words);
    }

    @Test
    void names_of_ah_and_comp_that_are_refused() {
        assertThat(SaTextLaws.complaint(AlgorithmNames.ah("hmac-sha2-256")))
                .contains("did you mean 'hmac-sha2-256-128'?");
        assertThat(SaTextLaws.complaint(AlgorithmNames.ah("3des"))).contains("'ipsec help spi'");
        assertThat(AlgorithmNames.comp("deflate")).isEqualTo(Parsed.ok(CompAlgorithm.DEFLATE));
        assertThat(SaTextLaws.complaint(AlgorithmNames.comp("lzs"))).contains("use 'deflate'");
        assertThat(SaTextLaws.complaint(AlgorithmNames.comp("deflat"))).contains("did you mean 'deflate'?");
    }

    @Test
    void canonical_names_read_back_to_equal_suites_and_each_suite_has_one() {
        Set<EspSuite> esp = new HashSet<>();
        for (String name : AlgorithmNames.espNames()) {
            EspSuite suite = AlgorithmNames.esp(name).orNull();
            assertThat(suite).as(name).isNotNull();
            assertThat(suite.name()).isEqualTo(name);
            esp.add(new EspSuite("", suite.cipher(), suite.keyOctets(), suite.aeadIcvOctets(), suite.integrity()));
        }
        // 8 integrities behind 3des, aes, aesctr, camellia (3 lengths each) and null; 7 of CBC alone; the AEADs.
        assertThat(esp).hasSize(8 * (1 + 3 + 3 + 3 + 1) + 7 + 9 + 9 + 1 + 3);
        assertThat(AlgorithmNames.espNames()).hasSameSizeAs(esp).doesNotHaveDuplicates();
        Set<AhSuite> ah = new HashSet<>();
        AlgorithmNames.ahNames().forEach(name -> ah.add(AlgorithmNames.ah(name).orNull()));
        assertThat(ah).hasSize(11).doesNotContainNull();
    }

    @Test
    void random_names_keep_the_laws() {
        var random = RandomText.random();
        for (int round = 0; round < RandomText.ROUNDS / 50; round++) {
            String text = RandomText.of(
                    random, "aes", "128", "256", "gcm", "16", "-sha1", "-96", "3des", "hmac", "null", "ctr", "gmac",
                    "-");
            SaidTextTest.withSeed(round, () -> SaTextLaws.algorithm(text));
        }
    }
}
