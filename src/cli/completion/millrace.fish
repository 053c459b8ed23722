# millrace: completion for fish. Names of queues come from a server, so nothing that is read here is evaluated.
function __millrace_complete
    set -l words (commandline -opc)[2..] (commandline -ct)
    for line in (millrace __complete -- $words 2>/dev/null)
        if test "$line" = ':files'
            __fish_complete_path (commandline -ct)
        else
            echo $line
        end
    end
end
complete -c millrace -f -a '(__millrace_complete)'
