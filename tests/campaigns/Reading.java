// Ways of Java to read a file: java Reading METHOD PATH prints its bytes.
import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.FileReader;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Properties;

public class Reading {
	static byte[] map(Path path) throws Exception {
		try (FileChannel channel = FileChannel.open(path)) {
			byte[] all = new byte[(int) channel.size()];
			channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size()).get(all);
			return all;
		}
	}

	static byte[] read(String method, Path path) throws Exception {
		switch (method) {
		case "readAllBytes":
			return Files.readAllBytes(path);
		case "readString":
			return Files.readString(path).getBytes();
		case "lines":
			return (String.join("\n", Files.readAllLines(path)) + "\n").getBytes();
		case "stream":
			return new FileInputStream(path.toFile()).readAllBytes();
		case "reader":
			StringBuilder text = new StringBuilder();
			try (BufferedReader reader = new BufferedReader(new FileReader(path.toFile()))) {
				for (int c; (c = reader.read()) >= 0;)
					text.append((char) c);
			}
			return text.toString().getBytes();
		case "random":
			try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "r")) {
				byte[] all = new byte[(int) file.length()];
				file.readFully(all);
				return all;
			}
		case "map-read":
			return map(path);
		case "transferTo":
			try (FileChannel channel = FileChannel.open(path)) {
				channel.transferTo(0, channel.size(), Channels.newChannel(System.out));
			}
			return new byte[0];
		case "async":
			try (AsynchronousFileChannel channel = AsynchronousFileChannel.open(path)) {
				ByteBuffer all = ByteBuffer.allocate((int) channel.size());
				channel.read(all, 0).get();
				return all.array();
			}
		case "copy":
			Path to = Path.of(System.getenv("T"), "java-copy");
			Files.copy(path, to, StandardCopyOption.REPLACE_EXISTING);
			byte[] all = Files.readAllBytes(to);
			Files.delete(to);
			return all;
		case "properties":
			Properties values = new Properties();
			values.load(new FileInputStream(path.toFile()));
			return values.getProperty("token").getBytes();
		default:
			throw new IllegalArgumentException(method);
		}
	}

	public static void main(String[] words) throws Exception {
		System.out.write(read(words[0], Path.of(words[1])));
		System.out.flush();
	}
}
