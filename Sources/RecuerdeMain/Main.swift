import RecuerdeCommands

@main
enum Main {
    static func main() async {
        await RecuerdeCommand.start()
    }
}
