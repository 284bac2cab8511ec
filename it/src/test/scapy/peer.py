#!/usr/bin/env python3
"""peer.py PLAN.json: a host whose IPsec is Scapy's, on sockets of the namespace it runs in. It answers the pings that come
through the group "received" by the group "sent". A line "ping SIZE COUNT" on stdin makes it ping and print "answered N of
COUNT"; it gives up a minute after the last answer. Ends with its stdin.

PLAN.json: {"sent": FLOW, "received": FLOW, "here": ADDRESS, "there": ADDRESS}. here and there are the two ends of the pings.
FLOW is a list of SAs from the inside out: {proto, spi, src, dst, enc, enc_key, auth, auth_key}; "tun" makes the next one a
tunnel. Not for fragments in IPv6.
"""
import json, select, socket, sys, time
from scapy.layers.inet import ICMP, IP, fragment
from scapy.layers.inet6 import ICMPv6EchoReply, ICMPv6EchoRequest, IPv6
from scapy.layers.ipsec import AH, ESP, SecurityAssociation
from scapy.packet import Raw, raw, split_layers

# Scapy dissects ESP behind AH and then computes the ICV over its own picture of it; so it must not know it.
split_layers(IP, ESP)
split_layers(IPv6, ESP)
split_layers(AH, ESP)

PATIENCE = 60
MTU = 1500


def parsed(octets):
    return (IPv6 if octets[0] >> 4 == 6 else IP)(octets)


def protocol(packet):
    return packet.nh if packet.version == 6 else packet.proto


class Association:
    """An SA, or a tunnel and the SA behind it."""

    def __init__(self, sa, tunnel):
        self.layer = {'esp': ESP, 'ah': AH}[sa['proto']]
        self.number = {'esp': 50, 'ah': 51}[sa['proto']]
        words = {'spi': sa['spi']}
        if sa['enc']:
            words.update(crypt_algo=sa['enc'], crypt_key=bytes.fromhex(sa['enc_key']))
        if sa['auth']:
            words.update(auth_algo=sa['auth'], auth_key=bytes.fromhex(sa['auth_key']))
        if tunnel:
            words.update(tunnel_header=(IPv6 if ':' in sa['dst'] else IP)(src=sa['src'], dst=sa['dst']))
        self.scapy = SecurityAssociation(self.layer, **words)

    def protect(self, octets):
        return raw(self.scapy.encrypt(parsed(octets)))

    def open(self, octets):
        packet = parsed(octets)
        if protocol(packet) != self.number:
            raise ValueError(f'protocol {protocol(packet)} instead of {self.number}')
        if self.layer not in packet:
            body = raw(packet.payload)
            packet.remove_payload()
            packet = packet / self.layer(body)
        return raw(self.scapy.decrypt(packet, verify=True))


def chain(flow):
    made, tunnel = [], False
    for sa in flow:
        if sa['proto'] == 'tun':
            tunnel = True
        else:
            made.append(Association(sa, tunnel))
            tunnel = False
    return made


class Peer:
    def __init__(self, plan):
        self.here, self.there = plan['here'], plan['there']
        self.sent, self.received = chain(plan['sent']), chain(plan['received'])
        self.six = ':' in plan['received'][0]['dst']
        self.answers = 0
        family = socket.AF_INET6 if self.six else socket.AF_INET
        # an open raw socket also keeps the kernel from answering that nobody speaks the protocol
        self.sockets = [socket.socket(family, socket.SOCK_RAW, number) for number in (50, 51)]
        if self.six:  # raw sockets of IPv6 do not show the header
            self.sockets_unread, self.sockets = self.sockets, [socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x86dd))]
        for s in self.sockets:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self.out = socket.socket(family, socket.SOCK_RAW, socket.IPPROTO_RAW)

    def send(self, inner):
        octets = raw(inner)
        for association in self.sent:
            octets = association.protect(octets)
        packet = parsed(octets)
        for piece in [packet] if self.six or len(octets) <= MTU else fragment(packet, MTU - 20):
            self.out.sendto(raw(piece), (packet.dst, 0))

    def receive(self, octets):
        """Returns whether it was an answer."""
        if protocol(parsed(octets)) not in (50, 51):
            return False  # AF_PACKET shows everything
        for association in reversed(self.received):
            octets = association.open(octets)
        packet = parsed(octets)
        if (packet.src, packet.dst) != (self.there, self.here):
            raise ValueError(f'{packet.src} -> {packet.dst} came out')
        if ICMP in packet and packet[ICMP].type == 8:
            self.send(IP(src=self.here, dst=self.there) / ICMP(type=0, id=packet[ICMP].id, seq=packet[ICMP].seq) / packet[ICMP].payload)
        elif ICMPv6EchoRequest in packet:
            request = packet[ICMPv6EchoRequest]
            self.send(IPv6(src=self.here, dst=self.there) / ICMPv6EchoReply(id=request.id, seq=request.seq, data=request.data))
        else:
            return ICMP in packet and packet[ICMP].type == 0 or ICMPv6EchoReply in packet
        return False

    def ready(self, wanted):
        for s in select.select([*self.sockets, *wanted], [], [], PATIENCE)[0]:
            yield s

    def ping(self, size, count):
        answered = 0
        data = bytes(i & 0xff for i in range(size))
        for seq in range(1, count + 1):
            if ':' in self.here:
                self.send(IPv6(src=self.here, dst=self.there) / ICMPv6EchoRequest(id=7, seq=seq, data=data))
            else:
                self.send(IP(src=self.here, dst=self.there) / ICMP(type=8, id=7, seq=seq) / Raw(data))
            before = answered
            until = time.monotonic() + PATIENCE
            while answered == before and time.monotonic() < until:
                for s in self.ready([]):
                    answered += self.read(s)
        print(f'answered {answered} of {count}', flush=True)

    def read(self, s):
        try:
            return self.receive(s.recv(1 << 16))
        except Exception as e:  # a wrong packet is told, and answered by silence
            print('refused:', type(e).__name__, str(e).replace('\n', ' '), flush=True)
            return False

    def serve(self):
        while True:
            for s in self.ready([sys.stdin]):
                if s is not sys.stdin:
                    self.read(s)
                    continue
                words = sys.stdin.readline().split()
                if not words:
                    return
                self.ping(int(words[1]), int(words[2]))


peer = Peer(json.load(open(sys.argv[1])))
print('ready', flush=True)
peer.serve()
