#!/usr/bin/perl
# A stand-in for llama-server that an image of nothing but Debian's essential packages can run.
use strict;
use warnings;
use IO::Socket::INET;

if (grep { $_ eq '--help' } @ARGV) {
    print "-m, --model FNAME\n--host HOST\n--port PORT\n-c, --ctx-size N\n-np, --parallel N\n";
    print "--reasoning-budget N\n--reasoning-budget-message TEXT\n";
    exit 0;
}
my %options = @ARGV;
die "no weights at $options{'-m'}\n" unless -r $options{'-m'};
die "the weights can be written to\n" if open(my $weights, '>>', $options{'-m'});
print STDERR "arguments: @ARGV\n";
$SIG{CHLD} = 'IGNORE';
my $server = IO::Socket::INET->new(
    LocalAddr => $options{'--host'}, LocalPort => $options{'--port'}, Listen => 16, ReuseAddr => 1
) or die "couldn't bind HTTP server socket: $!\n";
my $context = $options{'-c'} / $options{'-np'};
my %pages = (
    '/health' => '{"status": "ok"}',
    '/v1/models' => '{"data": [{"id": "stand-in", "meta": {"n_params": 1}}]}',
    '/props' => qq({"default_generation_settings": {"n_ctx": $context}, "total_slots": $options{'-np'},)
        . qq( "model_path": "$options{'-m'}", "build_info": "b0-perl", "chat_template": "x"}),
);
my $answer = '{"choices": [{"index": 0, "finish_reason": "stop",'
    . ' "message": {"role": "assistant", "content": "from a container"}}],'
    . ' "usage": {"prompt_tokens": 3, "completion_tokens": 3}}';
while (my $client = $server->accept) {
    next if fork;
    my ($length, $line) = (0, scalar <$client>);
    my ($method, $path) = split ' ', $line // '';
    while (defined($line = <$client>) && $line !~ /^\r?\n$/) {
        $length = $1 if $line =~ /^content-length:\s*(\d+)/i;
    }
    read $client, my $body, $length if $length;
    my $page = ($method // '') eq 'POST' ? $answer : $pages{ $path // '' };
    my $status = defined $page ? '200 OK' : '404 Not Found';
    $page //= '{}';
    print $client "HTTP/1.1 $status\r\nContent-Type: application/json\r\nContent-Length: " . length($page)
        . "\r\nConnection: close\r\n\r\n$page";
    close $client;
    exit 0;
}
