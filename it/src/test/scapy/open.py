#!/usr/bin/env python3
"""open.py FOLDER...: opens each FOLDER/protected.pcap with Scapy by the SAs of FOLDER/case.json, and prints one line for
each: the folder's name, then "opened N", where N packets are those of clear.pcap; or "unknown: WHY" where Scapy does not
know a transform; or "failed: WHY"."""
import json, os, sys
from scapy.all import IP, IPv6, UDP, rdpcap, raw, split_layers, conf
from scapy.layers.ipsec import AH, ESP, SecurityAssociation

CIPHERS = {'aes-gcm-16': 'AES-GCM', 'aes-ccm-16': 'AES-CCM', 'chacha20poly1305': 'CHACHA20-POLY1305', 'aes-cbc': 'AES-CBC',
           'aes256-cbc': 'AES-CBC', '3des-cbc': '3DES', 'aes-ctr': 'AES-CTR', 'null': 'NULL'}
AUTHS = {'hmac-sha256-128': 'SHA2-256-128', 'hmac-sha1-96': 'HMAC-SHA1-96', 'hmac-md5-96': 'HMAC-MD5-96',
         'hmac-sha512-256': 'SHA2-512-256'}

# Scapy dissects ESP behind AH and then computes the ICV over its own picture of it; so it must not know it.
split_layers(IP, ESP)
split_layers(IPv6, ESP)
split_layers(AH, ESP)


class Unknown(Exception):
    pass


def association(sa):
    if sa['proto'] == 'comp':
        raise Unknown('IPComp')
    if sa.get('esn'):
        raise Unknown('ESN on receipt')
    words = {'spi': sa['spi']}
    if sa.get('enc'):
        if sa['enc'] not in CIPHERS:
            raise Unknown(sa['enc'])
        words.update(crypt_algo=CIPHERS[sa['enc']], crypt_key=bytes.fromhex(sa.get('enc_key', '')) or None)
    if sa.get('auth'):
        words.update(auth_algo=AUTHS[sa['auth']], auth_key=bytes.fromhex(sa['auth_key']))
    if sa.get('encap'):
        words.update(nat_t_header=UDP(sport=sa['encap'][0], dport=sa['encap'][1]))
    if sa['mode'] == 'tunnel':
        header = IPv6 if ':' in sa['src'] else IP
        words.update(tunnel_header=header(src=sa['src'], dst=sa['dst']))
    return SecurityAssociation(ESP if sa['proto'] == 'esp' else AH, **words)


def with_layer(packet, sa):
    """The packet with its ESP or AH dissected, which split_layers stopped Scapy from doing by itself."""
    layer = ESP if sa['proto'] == 'esp' else AH
    if layer in packet:
        return packet
    inner = packet[UDP] if sa.get('encap') else packet
    octets = raw(inner.payload)
    inner.remove_payload()
    return packet / layer(octets)


def open_all(folder):
    case = json.load(open(folder + '/case.json'))
    chain = [(sa, association(sa)) for sa in case['sas']]
    clear = [raw(p) for p in rdpcap(folder + '/clear.pcap')]
    opened = []
    for packet in rdpcap(folder + '/protected.pcap'):
        for sa, association_ in reversed(chain):
            packet = association_.decrypt(with_layer(packet, sa), verify=True)
            packet = (IPv6 if raw(packet)[0] >> 4 == 6 else IP)(raw(packet))
        opened.append(raw(packet))
    return sum(a == b for a, b in zip(clear, opened)) if len(clear) == len(opened) else 0


for path in sys.argv[1:]:
    name = os.path.basename(path.rstrip('/'))
    try:
        print(name, 'opened', open_all(path), flush=True)
    except Unknown as e:
        print(name, 'unknown:', e, flush=True)
    except Exception as e:
        print(name, 'failed:', type(e).__name__, str(e).replace('\n', ' '), flush=True)
