import TagflipCommands

await Tagflip.start()
