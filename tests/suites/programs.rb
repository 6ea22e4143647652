# SPDX-License-Identifier: MIT
# programs.rb FILE CASE [ARGUMENT…]: Ruby's idioms of locking, in the manner of programs.pl.
require 'pstore'
require 'timeout'
require 'yaml/store'

$stdout.sync = true
BITS = { 'ex' => File::LOCK_EX, 'sh' => File::LOCK_SH, 'nb' => File::LOCK_NB }.freeze
FILE, CASE, *WORDS = ARGV

def hold(path = FILE)
  puts "held #{path}"
  $stdin.gets
end

def locked(file, words)
  file.flock(words.map { |word| BITS.fetch(word) }.reduce(:|)) == 0 or raise 'refused'
  file
end

def in_children(&work)
  3.times { fork { 40.times(&work) } }
  Process.waitall
end

def count(store)
  in_children { store.transaction { store[:n] = (store[:n] || 0) + 1 } }
  puts store.transaction(true) { store[:n] }
end

CASES = {
  'open' => -> { File.open(FILE, WORDS.shift) { |file| locked(file, WORDS) && hold } },
  'DATA' => -> { locked(DATA, %w[ex nb]) && hold($PROGRAM_NAME) },
  'pstore' => -> { PStore.new(FILE).transaction { |store| (store[:x] = 1) && hold } },
  'pstore_read' => lambda {
    store = PStore.new(FILE)
    store.transaction { store[:x] = 1 }
    store.transaction(true) { hold }
  },
  'yaml' => -> { YAML::Store.new(FILE).transaction { |store| (store[:x] = 1) && hold } },
  'thread' => -> { Thread.new { File.open(FILE, 'r+') { |file| locked(file, %w[ex]) && hold } }.join },
  'heir' => lambda {
    file = locked(File.open(FILE, 'r+'), %w[ex])
    child = fork { hold }
    file.close
    Process.wait(child)
  },
  'refused' => lambda {
    File.open(FILE, 'r+') do |file|
      puts file.flock(File::LOCK_EX | File::LOCK_NB) ? 'granted' : 'refused'
    end
  },
  'timeout' => lambda {
    File.open(FILE, 'r+') do |file|
      Timeout.timeout(0.2) { file.flock(File::LOCK_EX) }
      puts 'granted'
    rescue Timeout::Error
      puts 'refused'
    end
  },
  'count_pstore' => -> { count(PStore.new(FILE)) },
  'count_yaml' => -> { count(YAML::Store.new(FILE)) }
}.freeze
CASES.fetch(CASE).call

__END__
nothing
